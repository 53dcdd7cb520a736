/** @file A distiller in a thread of its own: what it gives is what `distill` gives, its host stays free, and a host that ends meanwhile, in whatever way, ends as it says.
 *  The moments are random (seeded: a failing delay is named). */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Options, Result, RunEvent } from '../../src/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { built, type Ended, Program } from '../fixtures/program.ts';
import { scratch, smallSizes } from '../fixtures/runs.ts';

const { distill, evaluate, spawnDistiller, DistillError } = (await import(
  built('index.js').href
)) as typeof import('../../src/index.ts');

const dataDir = scratch();
await writeIdxSet(dataDir, smallSizes);
const small = {
  dataDir,
  validation: 100,
  batchSize: 50,
  models: 'logreg:2',
  steps: 6,
  validateEvery: 3,
  evalNets: 3,
  workers: 2,
} as const satisfies Options;
const endless = { ...small, steps: 100_000, validateEvery: 100_000 };

const distiller = spawnDistiller();
afterAll(() => distiller.close());
const plain = distill(small);
const events: RunEvent[] = [];
for await (const event of plain) events.push(event);
const expected = await plain.result;

/** What does not depend on the clock. */
const timeless = <T extends object>(value: T): T => ({ ...value, ms: 0, wallSeconds: 0, stepsPerSecond: 0 });

describe('a distiller gives what the library gives', () => {
  test('the same result and the same events, heard before it', async () => {
    const heard: RunEvent[] = [];
    const { set, summary, interrupted } = await distiller.distill(small, { onEvent: e => heard.push(e) });
    expect(set).toEqual(expected.set);
    expect(timeless(summary)).toEqual(timeless(expected.summary));
    expect(interrupted).toBe(false);
    expect(set.images).toBeInstanceOf(Float32Array);
    expect(heard.map(timeless)).toEqual(events.map(timeless));
  });

  test.each(['inline', 'threads'] as const)('several at the same time, over %s', async transport => {
    const seeds = [1, 2, 3];
    const options = seeds.map(seed => ({ ...small, seed, transport }));
    const together = await Promise.all(options.map(each => distiller.distill(each)));
    const alone = await Promise.all(options.map(each => distill(each).result));
    const sums = (results: typeof alone): string[] => results.map(({ summary }) => summary.imagesSha256);
    expect(sums(together)).toEqual(sums(alone));
    expect(new Set(sums(together)).size).toBe(3);
  });

  test('the same accuracy of a set, which stays the host’s', async () => {
    const { set } = expected;
    const own = await evaluate(set, { dataDir, evalNets: 4 });
    expect(await distiller.evaluate(set, { dataDir, evalNets: 4 })).toEqual(own);
    expect(set.images).toHaveLength(640);
  });
});

describe('a signal', () => {
  test('ends a run after the step in hand, with what there is', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'step' && event.step === 5) controller.abort();
    };
    const { summary, interrupted } = await distiller.distill(endless, { signal, onEvent });
    expect([interrupted, summary.accuracy]).toEqual([true, null]);
    expect(summary.steps).toBeGreaterThanOrEqual(5);
    expect(summary.steps).toBeLessThan(endless.steps);
  });

  test('given before, and in an evaluation, rejects with its very reason', async () => {
    const reason = new Error('not now');
    const early = distiller.distill(small, { signal: AbortSignal.abort(reason) });
    await expect(early).rejects.toBe(reason);
    const controller = new AbortController();
    const { signal } = controller;
    const judged = distiller.evaluate(expected.set, { dataDir, evalNets: 10_000 }, { signal });
    setTimeout(() => controller.abort(reason), 300);
    await expect(judged).rejects.toBe(reason);
  });
});

describe('errors are those of the library', () => {
  test.each<[string, Options, object]>([
    ['a wrong value', { steps: 0 }, { code: 'usage', exitCode: 2, where: 'steps' }],
    [
      'an unknown option',
      { step: 3 } as Options,
      { message: expect.stringContaining('did you mean steps?') },
    ],
    ['no plain data', { steps: () => 3 } as unknown as Options, { code: 'usage', where: 'arguments' }],
    ['no data', { dataDir: `${dataDir}/nowhere` }, { code: 'no-data', exitCode: 2 }],
  ])('%s', async (_, options, error) => {
    const run = distiller.distill(options);
    await expect(run).rejects.toBeInstanceOf(DistillError);
    await expect(run).rejects.toMatchObject({ name: 'DistillError', ...error });
  });

  test('also of an evaluation', async () => {
    const refused = distiller.evaluate(expected.set, { dataDir, evalNets: 0 });
    await expect(refused).rejects.toMatchObject({ code: 'usage', where: 'evalNets' });
    const own = await evaluate(expected.set).catch((error: Error) => error.message);
    await expect(distiller.evaluate(expected.set)).rejects.toThrow(own as string); // MNIST's are larger
  });
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('planted');
    },
  ],
  ['rejects', () => Promise.reject(new Error('planted'))],
  ['never settles', () => new Promise(() => undefined)],
])('a listener that %s harms nobody', async (how, listener) => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): number => warnings.push(message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  let calls = 0;
  const onEvent: () => unknown = () => {
    calls++;
    return listener();
  };
  const { summary } = await distiller.distill(small, { onEvent });
  expect([calls, summary.imagesSha256]).toEqual([events.length, expected.summary.imagesSha256]);
  await wait(0);
  expect(warnings).toEqual(how === 'never settles' ? [] : ['onEvent threw: planted; the run goes on']);
});

test('close ends what is under way with what there is; then calls are refused', async () => {
  const own = spawnDistiller();
  let run: Promise<Result> | undefined;
  await new Promise<RunEvent>(heard => {
    run = own.distill(endless, { onEvent: event => event.type === 'step' && heard(event) });
  });
  const judged = own.evaluate(expected.set, { dataDir, evalNets: 10_000 }).catch((error: unknown) => error);
  await Promise.all([own.close(), own.close(), own[Symbol.asyncDispose]()]);
  expect((await run)!.interrupted).toBe(true);
  for (const refused of [await judged, await own.distill(small).catch((error: unknown) => error)])
    expect(refused).toMatchObject({
      code: 'closed',
      message: 'distiller: expected an open distiller, found a closed one; spawn a new one',
    });
});

const host = (name: string, wanted: object): Promise<Ended> => {
  const file = fileURLToPath(new URL(`../fixtures/hosts/${name}.mjs`, import.meta.url));
  return new Program(process.execPath, [file, JSON.stringify(wanted)]).ended;
};

test('a thread that dies rejects its calls, and waits for its workers before it goes', async () => {
  const { status, stdout, stderr } = await host('dying', { ...endless, models: 'conv:2' });
  const line =
    'true closed distiller: expected an open distiller, found one whose thread has died (planted in the thread); spawn a new one\n';
  expect([status, stdout, stderr]).toEqual([0, line.repeat(3), '']);
});

/** How a host ends, and the exit code that it asks for so. */
const endings = { exit: 3, throw: 1, reject: 1, natural: 0 } as const;

describe.each(['spawnDistiller', 'distill'] as const)('a host that ends while %s computes', by => {
  test.each(Object.entries(endings))('%s: the exit code is %i, and nothing aborts', async (ending, code) => {
    const random = stream(by.length + ending.length, 'weights');
    const natural = ending === 'natural';
    for (let i = 0; i < (natural ? 1 : 3); i++) {
      const delayMs = Math.round(random.uniform() * 1500);
      const options = { ...endless, models: 'conv:2', steps: natural ? 10 : endless.steps };
      const { status, stdout, stderr } = await host('exiting', { by, ending, delayMs, options });
      expect({ delayMs, status, stdout, stderr }).toEqual({
        delayMs,
        status: code,
        stdout: '',
        stderr: code === 1 ? expect.stringContaining('Error: planted') : '',
      });
      expect(stderr).not.toMatch(/terminate called|Napi/);
    }
  });
});

test('an idle distiller keeps no host alive', async () => {
  const { status, stderr } = await host('exiting', { by: 'nothing', ending: 'natural', delayMs: 0 });
  expect([status, stderr]).toEqual([0, '']);
});

test('the event loop of the host has no stall of 20 ms from loading MNIST to the final test', async () => {
  const options = { models: 'logreg:2', steps: 400, workers: 1, evalNets: 10 };
  const delays: { ms: number; machineMs: number }[] = [];
  /** A busy machine makes an idle process wait too: then little more than that is ours. A stall of ours would be in every attempt. */
  const free = ({ ms, machineMs }: (typeof delays)[0]): boolean => ms <= Math.max(20, machineMs + 10);
  while (!delays.some(free) && delays.length < 4) {
    const { status, stdout, stderr } = await host('steady', { by: 'spawnDistiller', options });
    expect([status, stderr]).toEqual([0, '']);
    delays.push(JSON.parse(stdout) as (typeof delays)[0]);
  }
  console.log(`longest delays of the host's timer: ${JSON.stringify(delays)}`);
  expect(delays.filter(free)).not.toEqual([]);
});
