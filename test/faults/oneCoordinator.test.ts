/** @file Two coordinators and one output directory. */
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startUntil } from '../fixtures/continued.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { run, start } from '../fixtures/program.ts';
import { onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';

const place = scratch();
await writeIdxSet(join(place, 'data'), smallSizes);
const out = join(place, 'out');
const args = [
  ...onSmall(join(place, 'data')),
  '--models',
  'logreg',
  '--transport',
  'inline',
  '--checkpoint-every',
  '5',
];
const flags = [...args, '--steps', '100000', '--out', out];

test('the second is refused at once and told whose it is; a killed one’s directory is taken over at once; nothing is left', async () => {
  const first = await startUntil(flags, 20);
  const holder = `process ${first.child.pid} on ${hostname()}`;
  for (const more of [[], ['--force'], ['--resume', 'auto']]) {
    const { status, stderr, stdout } = await run([...flags, ...more]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^distill-cluster: [^\n]+\n$/);
    expect(stderr).toContain(holder);
  }
  first.signal('SIGKILL');
  await first.ended;
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['.lock', '.lock.owner']));

  const began = performance.now();
  const next = start(['--resume', out, '--json']);
  await next.until(({ stdout }) => stdout.includes('"resumed":'));
  expect(performance.now() - began).toBeLessThan(30_000); // and not after the minute of a lock that nobody renews
  next.signal('SIGTERM');
  expect((await next.ended).status).toBe(143);
  await written(out); // looks at all files there
});

test('the second signal ends at once, and what it leaves is taken over', async () => {
  const own = join(place, 'twice');
  const program = start([...args, '--models', 'logreg:1000', '--steps', '50', '--out', own, '--json']);
  await program.until(({ stdout }) => stdout.includes('"type":"step"'));
  program.signal('SIGTERM');
  await program.until(({ stdout }) => stdout.includes('ending after'));
  program.signal('SIGTERM');
  expect((await program.ended).status).toBe(143);
  const { status } = await run([...args, '--steps', '1', '--force', '--out', own]);
  expect(status).toBe(0);
  await written(own);
});
