/** @file A coordinator that is ended at any moment, and goes on: the bytes of its result and its record are those of a run that was not. */
import { existsSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stream } from '../../src/shared/random/index.ts';
import { course, startUntil, stepsSoFar } from '../fixtures/continued.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { type Ended, run, start } from '../fixtures/program.ts';
import { jsonLines, mixed, onSmall, readJson, scratch, smallSizes, written } from '../fixtures/runs.ts';
import { readTask } from '../fixtures/task.ts';

const place = scratch();
const data = join(place, 'data');
await writeIdxSet(data, smallSizes);
await writeIdxSet(join(place, 'other'), { ...smallSizes, seed: 2 });
const small = [...onSmall(data), '--validate-every', '7', '--checkpoint-every', '5'];
const at = (name: string): string => join(place, name);
const newest = (out: string): string => {
  const directory = join(out, 'checkpoints');
  return join(directory, readdirSync(directory).sort().at(-1)!);
};

describe('killed ten times, at random moments', () => {
  const args = [...small, '--models', 'logreg:2', '--transport', 'inline', '--steps', '1000'];

  test('and begun again each time with the same command, it comes to the same end', async () => {
    const [whole, out] = [at('whole'), at('killed')];
    const began = performance.now();
    expect((await run([...args, '--out', whole])).status).toBe(0);
    const took = performance.now() - began;
    const random = stream(5, 'weights');
    const moments: string[] = [];
    for (let kill = 0; kill < 10; kill++) {
      const delay = Math.round((0.1 + 0.4 * random.uniform()) * took);
      const program = start([...args, '--resume', 'auto', '--out', out]);
      const timer = setTimeout(() => program.signal('SIGKILL'), delay);
      const { status, stderr } = await program.ended;
      clearTimeout(timer);
      moments.push(`${delay} ms: step ${stepsSoFar(out)}, status ${status}`);
      expect([0, 137], `${moments.join('; ')}\n${stderr}`).toContain(status);
    }
    expect(moments.filter(moment => moment.endsWith('137')).length, moments.join('; ')).toBeGreaterThan(4);
    const { status, stderr } = await run([...args, '--resume', 'auto', '--out', out]);
    expect([status, stderr], moments.join('; ')).toEqual([
      0,
      expect.stringMatching(/resumed at step|is finished/),
    ]);
    expect(await course(out), moments.join('; ')).toEqual(await course(whole));
  });
});

describe('one ensemble of two architectures', async () => {
  const args = [...small, ...mixed, '--steps', '24', '--workers', '2'];
  const whole = at('mixed');
  await run([...args, '--out', whole]);
  const expected = await course(whole);
  /** A run that was ended by a signal at step 12. */
  const ended = async (name: string, signal: NodeJS.Signals): Promise<{ out: string } & Ended> => {
    const out = at(name);
    const program = await startUntil([...args, '--out', out], 12);
    program.signal(signal);
    return { out, ...(await program.ended) };
  };

  test('SIGTERM: the step in hand is kept, it is said how to go on, and so it does', async () => {
    const { out, ...first } = await ended('ended', 'SIGTERM');
    expect([first.status, first.stderr]).toEqual([143, '']);
    const { steps } = (await written(out)).summary;
    expect(newest(out)).toContain(String(steps));
    expect(first.stdout).toContain(`continue with: distill-cluster --resume ${out}`);
    const second = await run(['--resume', out, '--transport', 'inline']);
    expect([second.status, second.stderr]).toEqual([
      0,
      expect.stringContaining(`resumed at step ${steps}\n`),
    ]);
    expect(await course(out)).toEqual(expected);
  });

  test('the newest checkpoint cut off: the one before is used, and that is said', async () => {
    const { out } = await ended('cut', 'SIGKILL');
    truncateSync(newest(out), 2000);
    const { status, stderr } = await run(['--resume', out]);
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/a damaged checkpoint is passed over, that of step \d+ is used: /),
    ]);
    expect(await course(out)).toEqual(expected);
  });

  test('all of them cut off: one line, exit code 2', async () => {
    const { out } = await ended('ruined', 'SIGKILL');
    const files = readdirSync(join(out, 'checkpoints')).filter(file => file.startsWith('step-'));
    for (const file of files) truncateSync(join(out, 'checkpoints', file), 2000);
    const { status, stderr } = await run(['--resume', out]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^distill-cluster: \S+ expected a checkpoint that is whole, found 2 damaged: [^\n]+\n$/,
      ),
    ]);
  });

  test('other options are refused with the whole list, other data too; nothing is touched', async () => {
    const { out } = await ended('refused', 'SIGTERM');
    const before = await course(out);
    const other = await run(['--resume', out, '--lr', '0.5', '--engine', 'reference', '--workers', '1']);
    expect(other).toMatchObject({ status: 2, stdout: '' });
    expect(other.stderr).toContain('found lr: 0.01 → 0.5, workers: 2 → 1, engine: native → reference; ');
    const moved = await run(['--resume', out, '--data-dir', at('other')]);
    expect([moved.status, moved.stderr]).toEqual([2, expect.stringContaining('sha256')]);
    const both = await run(['--resume', out, '--out', at('elsewhere')]);
    expect([both.status, both.stderr]).toEqual([2, expect.stringContaining('--resume auto --out DIR')]);
    expect(await course(out)).toEqual(before);
    expect(existsSync(at('elsewhere'))).toBe(false);
  });

  test('finished, it says so and prints its result; with more steps it goes on', async () => {
    const config = readJson(join(whole, 'config.json'));
    const again = await run(['--resume', whole]);
    expect(again).toMatchObject({
      status: 0,
      stderr: `${whole} is finished; more --steps would go on with it\n`,
    });
    expect(again.stdout).toContain('over 3 fresh networks');
    expect(await course(whole)).toEqual(expected);
    const { status, stdout } = await run(['--resume', whole, '--steps', '30', '--json']);
    const events = jsonLines(stdout) as { type: string; message?: string; resumed?: object }[];
    expect(status).toBe(0);
    expect(events.map(e => e.message)).toContain(
      'steps: 24 → 30: the 24 steps done followed the cosine of 24 steps',
    );
    expect(events.find(e => e.type === 'start')!.resumed).toMatchObject({ step: 24 });
    expect((await written(whole)).summary).toMatchObject({ steps: 30 });
    expect(readJson(join(whole, 'config.json'))).toEqual(config);
  });

  test('reproduce begins at the newest checkpoint before the step, and writes the same', async () => {
    const { out } = await ended('reproduced', 'SIGTERM');
    const task = async (name: string, from: readonly string[]): Promise<unknown> => {
      const file = join(place, name, 'task.npz');
      const { status, stderr } = await run([
        'reproduce',
        ...from,
        '--step',
        '13',
        '--member',
        '2',
        '--transport',
        'inline',
        '--out',
        file,
      ]);
      expect([status, stderr]).toEqual([0, '']);
      return readTask(file);
    };
    const kept = await task('kept', ['--config', out]);
    expect(kept).toEqual(await task('anew', ['--config', join(out, 'config.json')]));
  });
});

test('without --out the newest unfinished run under runs/ goes on, or a new one begins, and that is said', async () => {
  const cwd = at('cwd');
  await writeIdxSet(join(cwd, 'data'), smallSizes);
  const args = [...onSmall('data'), '--models', 'logreg', '--steps', '6', '--resume', 'auto'];
  const first = await run(args, { cwd });
  expect(first.stderr).toMatch(/^no unfinished run under runs\/: a run begins in runs\/\S+\n/);
  const program = start([...args.slice(0, -2), '--steps', '100000', '--out', 'runs/mine', '--json'], { cwd });
  await program.until(({ stdout }) => stdout.includes('"step":9,'));
  program.signal('SIGTERM');
  await program.ended;
  const { summary } = await written(join(cwd, 'runs/mine'));
  const steps = String(summary.steps + 2);
  const second = await run([...args.slice(0, -3), steps, '--resume', 'auto'], { cwd });
  expect(second.stderr).toMatch(/^going on in runs\/mine\n/);
  expect((await written(join(cwd, 'runs/mine'))).summary.steps).toBe(Number(steps));
});

test('a run without checkpoints, and no run at all, cannot go on: one line, exit code 2', async () => {
  const out = at('never');
  expect(
    (
      await run([
        ...onSmall(data),
        '--models',
        'logreg',
        '--steps',
        '2',
        '--checkpoint-every',
        'never',
        '--out',
        out,
      ])
    ).status,
  ).toBe(0);
  expect(readdirSync(out)).not.toContain('checkpoints');
  for (const [directory, says] of [
    [out, 'a checkpoint to go on from, found none'],
    [at('nowhere'), 'the directory of a run, found none'],
  ] as const) {
    const { status, stderr } = await run(['--resume', directory]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(`^distill-cluster: [^\n]*${says}[^\n]*\n$`)]);
  }
  const attack = await run(['attack', '--from', '3', '--to', '7', '--resume', out]);
  expect([attack.status, attack.stderr]).toEqual([
    2,
    expect.stringContaining(`continue with: distill-cluster --resume ${out}`),
  ]);
});

describe('numbers that are none', () => {
  const args = [
    ...small,
    '--models',
    'logreg,conv',
    '--filters',
    '3',
    '--hidden',
    '8',
    '--kernel',
    '3',
    '--transport',
    'inline',
    '--steps',
    '4',
  ];
  const wild = [...args, '--loss', 'squared', '--lr', '1e6']; // the first step throws the images far out, where logreg overflows

  test('stop the run, which leaves the state before, and goes on without that member to the same end as if it always had', async () => {
    const [stopped, skipped] = [at('stopped'), at('skipped')];
    const first = await run([...wild, '--out', stopped]);
    expect(first.status).toBe(1);
    expect(first.stderr).toContain(
      `continue with: distill-cluster --resume ${stopped} --on-nonfinite skip\n`,
    );
    expect(first.stderr).toContain(`reproduce --config ${stopped} --step 1 --member 0\n`);
    expect(newest(stopped)).toMatch(/step-00000001\.safetensors$/);
    expect((await run(['--resume', stopped, '--on-nonfinite', 'skip'])).status).toBe(0);
    const whole = await run([...wild, '--on-nonfinite', 'skip', '--out', skipped]);
    expect(whole.status).toBe(0);
    expect(whole.stderr).toContain(
      'step 1, member 0, seed 1: found loss NaN; this member is left out of the step\n',
    );
    expect(await course(stopped)).toEqual(await course(skipped));
  });
});
