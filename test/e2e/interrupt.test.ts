/** @file A run that is interrupted, at any moment: it ends by itself after the step in hand, what was distilled so far is written whole, and nothing aborts.
 *  The moments are random (seeded: a failing delay is named) and, where an event tells them, chosen. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stream } from '../../src/shared/random/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { type Program, start } from '../fixtures/program.ts';
import { jsonLines, onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';
import { serve } from '../shared/data/scratch.ts';

const place = scratch();
await writeIdxSet(join(place, 'data'), { ...smallSizes, height: 20, width: 20 });
const small = [
  ...onSmall(join(place, 'data')),
  '--models',
  'logreg:2,conv:2',
  '--filters',
  '4',
  '--hidden',
  '16',
];
const flags = [...small, '--validate-every', '10', '--json'];
const transports = { threads: ['--workers', '2'], inline: ['--transport', 'inline'] } as const;
type Transport = keyof typeof transports;

let runs = 0;
const begin = (args: readonly string[], env = {}): { program: Program; out: string } => {
  const out = join(place, `run${runs++}`);
  return { program: start([...args, '--out', out], { env }), out };
};

/** What holds after every interruption. @returns steps done, 0 when it had not come so far. */
async function expectCleanEnd(
  { program, out }: ReturnType<typeof begin>,
  { status: expected = 130, steps: all = Number.POSITIVE_INFINITY } = {},
): Promise<number> {
  const { status, stdout, stderr } = await program.ended;
  expect(stderr).toBe('');
  if (status === 0) {
    expect((await written(out)).summary.accuracy).not.toBeNull(); // it had finished
    return all;
  }
  expect(status).toBe(expected);
  if (!existsSync(join(out, 'config.json'))) {
    expect(existsSync(out)).toBe(false); // nothing was distilled, nothing is left
    return 0;
  }
  expect(stdout.split(ending)).toHaveLength(2); // said once
  const { summary } = await written(out);
  expect(summary.steps).toBeGreaterThan(0);
  if (summary.accuracy !== null) expect(summary.steps).toBe(all);
  return summary.steps;
}

const ending = 'ending after the step in hand; once more to end at once';
const event = (program: Program, type: string, step?: number): Promise<void> =>
  program.until(({ stdout }) => {
    const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
    return (jsonLines(lines) as { type: string; step?: number }[]).some(
      e => e.type === type && (step === undefined || e.step === step),
    );
  });

describe.each(Object.keys(transports) as Transport[])('%s', transport => {
  const args = [...flags, ...transports[transport]];

  test('at random moments of a short run', async () => {
    const random = stream(transport.length, 'weights');
    const short = [...args, '--steps', '30'];
    const undisturbed = begin(short);
    const began = performance.now();
    await undisturbed.program.ended;
    const took = performance.now() - began;
    for (let i = 0; i < 6; i++) {
      const delay = Math.round(random.uniform() * took);
      const run = begin(short);
      const timer = setTimeout(() => run.program.signal('SIGINT'), delay);
      await run.program.ended;
      clearTimeout(timer);
      await expectCleanEnd(run, { steps: 30 }).catch((error: Error) => {
        throw new Error(`after ${delay} ms of ${Math.round(took)}: ${error.message}`, { cause: error });
      });
    }
  });

  test('while the first step is compiled', async () => {
    const run = begin([...args, '--steps', '1000']);
    await event(run.program, 'start');
    run.program.signal('SIGINT');
    expect(await expectCleanEnd(run)).toBeLessThan(1000);
  });

  test.each(Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))(
    '%s in the middle of steps',
    async (name, status) => {
      const run = begin([...args, '--steps', '100000', '--validate-every', '100000']);
      await event(run.program, 'step', 7);
      run.program.signal(name as NodeJS.Signals);
      expect(await expectCleanEnd(run, { status })).toBeGreaterThanOrEqual(7);
    },
  );

  test('in a validation: the state before it is the result', async () => {
    const run = begin([...args, '--steps', '1000', '--validate-every', '4', '--validation-nets', '10000']);
    await event(run.program, 'step', 4);
    run.program.signal('SIGINT');
    expect(await expectCleanEnd(run)).toBe(4);
  });

  test('in the final test: all steps are kept, no accuracy is told', async () => {
    const run = begin([...args, '--steps', '5', '--eval-nets', '10000']);
    await event(run.program, 'testing');
    run.program.signal('SIGINT');
    expect(await expectCleanEnd(run)).toBe(5);
    expect((await written(run.out)).summary.accuracy).toBeNull();
  });

  test('the second signal ends at once, in the middle of a step', async () => {
    const long =
      transport === 'threads' ? ['--engine', 'reference', '--filters', '64'] : ['--models', 'conv:1000'];
    const run = begin([...args, ...long, '--steps', '5']);
    await event(run.program, 'start');
    run.program.signal('SIGINT');
    await event(run.program, 'notice');
    run.program.signal('SIGINT');
    const { status, stderr } = await run.program.ended;
    expect([status, stderr]).toEqual([130, '']);
    expect(existsSync(join(run.out, 'result.json'))).toBe(false); // the step in hand was not waited for
  });
});

test('while a file is downloaded', async () => {
  const server = await serve((_, response) => response.write('some bytes, and then nothing for ever'));
  const env = { DISTILL_CLUSTER_MIRROR: server.url, DISTILL_CLUSTER_CACHE: join(place, 'cache') };
  const run = begin(['--dataset', 'fashion-mnist', '--json'], env);
  while (server.requests.length === 0) await new Promise(resolve => setTimeout(resolve, 10));
  run.program.signal('SIGINT');
  expect(await expectCleanEnd(run)).toBe(0);
});

test('a person is told on stderr, and gets the result as far as it came', async () => {
  const run = begin([...small, '--transport', 'inline', '--steps', '100000']);
  await run.program.until(({ stderr }) => stderr.includes('step 1/100000'));
  run.program.signal('SIGINT');
  const { status, stdout, stderr } = await run.program.ended;
  expect(status).toBe(130);
  expect(stderr.endsWith(`\n${ending}\ncontinue with: distill-cluster --resume ${run.out}\n`)).toBe(true);
  expect(stdout).toMatch(/^interrupted after \d+ steps: not tested\n/);
  expect(stdout).toContain('(as far as it got)');
});
