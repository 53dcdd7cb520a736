/** @file A disk that is full in the middle of a run: nothing computed is lost. On a small disk in memory; whoever runs these tests may mount one. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { course, startUntil } from '../fixtures/continued.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { run } from '../fixtures/program.ts';
import { jsonLines, onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';

const place = scratch();
await writeIdxSet(join(place, 'data'), smallSizes);
const args = [...onSmall(join(place, 'data')), '--models', 'logreg', '--transport', 'inline'];
const flags = [...args, '--steps', '900', '--checkpoint-every', '20', '--validate-every', '300'];
const disk = join(place, 'disk');
const whole = join(place, 'whole');

beforeAll(async () => {
  mkdirSync(disk);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`these tests mount a small disk and may not: run them as root (${stderr})`);
  expect((await run([...flags, '--out', whole])).status).toBe(0);
});
afterAll(() => void spawnSync('umount', [disk]));

/** Fills the disk to its last byte. */
function fill(): void {
  for (let size = 1 << 16; size > 0; size = Math.floor(size / 2))
    try {
      for (;;) appendFileSync(join(disk, 'filler'), new Uint8Array(size));
    } catch {} // as much as there was room for
}
const free = (): void => rmSync(join(disk, 'filler'));
const loud =
  /THE CHECKPOINT OF STEP \d+ COULD NOT BE WRITTEN \([^"]*ENOSPC[^"]*\); that of step \d+ stays, the run goes on/g;

test('for a while: told once, and again when there is room; the record has no hole', async () => {
  const out = join(disk, 'while');
  const program = await startUntil([...flags, '--out', out], 45);
  fill();
  await program.until(({ stdout }) => stdout.includes('COULD NOT BE WRITTEN'));
  free();
  const { status, stdout } = await program.ended;
  expect(status).toBe(0);
  expect(stdout.match(loud)).toHaveLength(1);
  expect(stdout).toContain('checkpoints are written again, that of step');
  expect(await course(out)).toEqual(await course(whole));
});

test('to the end: exit code 2, the old checkpoint is there, and with room again the run goes on from it', async () => {
  const out = join(disk, 'end');
  const program = await startUntil([...flags, '--out', out], 45);
  fill();
  const { status, stdout, stderr } = await program.ended;
  expect(status).toBe(2);
  expect(stderr).toMatch(/^distill-cluster: [^\n]+ENOSPC[^\n]+\n$/);
  expect(stdout.match(loud)).toHaveLength(1);
  expect(stdout).toContain(`continue with: distill-cluster --resume ${out}`);
  expect((jsonLines(stdout) as { type: string }[]).at(-1)!.type).toBe('notice'); // no result is told that is not there
  expect(readdirSync(join(out, 'checkpoints')).every(file => file.endsWith('.safetensors'))).toBe(true);
  free();
  expect((await run(['--resume', out])).status).toBe(0);
  expect(await course(out)).toEqual(await course(whole));
  await written(out);
});
