/** @file The library as it is installed: dist/index.js, used as its docstrings say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newestIn, writeTo } from '../../src/checkpoints/index.ts';
import type { Options, RunEvent } from '../../src/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { built } from '../fixtures/program.ts';
import { scratch, sha256, smallSizes } from '../fixtures/runs.ts';

const { distill, evaluate, loadDistilled, saveDistilled, reproduce, version, DistillError } = (await import(
  built('index.js').href
)) as typeof import('../../src/index.ts');

const place = scratch();
const dataDir = join(place, 'data');
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

test('a run is iterated for its events, in order, and has a result', async () => {
  const run = distill(small);
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  const three = ['step', 'step', 'step', 'validation'];
  expect(events.map(({ type }) => type)).toEqual(['start', ...three, ...three, 'testing']);
  expect(events.flatMap(e => (e.type === 'step' ? [e.step] : []))).toEqual([1, 2, 3, 4, 5, 6]);
  const { set, summary, interrupted } = await run.result;
  expect(interrupted).toBe(false);
  expect(set.images).toHaveLength(10 * 8 * 8);
  expect(set.createdBy).toBe(`distill-cluster ${version}`);
  expect(summary).toMatchObject({
    steps: 6,
    engine: 'native',
    accuracy: { nets: 3 },
    imagesSha256: sha256(new Uint8Array(set.images.buffer)),
  });
});

test('without iterating, and iterating late, the result is the same', async () => {
  const [awaited, late] = [distill(small), distill({ ...small, transport: 'inline' })];
  const { summary } = await awaited.result;
  const again = await late.result;
  for await (const event of late) expect.unreachable(`${event.type}: nothing is kept for a late reader`);
  expect(again.summary.imagesSha256).toBe(summary.imagesSha256);
});

test('leaving the loop early does not stop the run', async () => {
  const run = distill(small);
  for await (const event of run) if (event.type === 'step') break;
  expect((await run.result).summary.steps).toBe(6);
});

test('a signal ends a run after the step in hand, with what there is', async () => {
  const controller = new AbortController();
  const run = distill({ ...small, steps: 100_000 }, { signal: controller.signal });
  for await (const event of run) if (event.type === 'step' && event.step === 5) controller.abort();
  const { set, summary, interrupted } = await run.result;
  expect(interrupted).toBe(true);
  expect(summary.accuracy).toBeNull();
  expect(summary.steps).toBeGreaterThanOrEqual(5);
  expect(summary.steps).toBeLessThan(100_000);
  expect(set.accuracy).toBeUndefined();
});

describe('with checkpoints', () => {
  const kept = { ...small, transport: 'inline', checkpointEvery: 2 } as const satisfies Options;

  test('a run goes on where it ended, to the same bytes; without a word they are not touched', async () => {
    const long = { ...kept, steps: 60 };
    const checkpoints = join(place, 'kept');
    const { summary: whole } = await distill(long).result;
    const controller = new AbortController();
    const first = distill(long, { checkpoints, signal: controller.signal });
    for await (const event of first) if (event.type === 'step' && event.step === 4) controller.abort();
    const { steps } = (await first.result).summary;
    await expect(distill(long, { checkpoints }).result).rejects.toMatchObject({ code: 'output' });
    await expect(distill({ ...long, lr: 1 }, { checkpoints, resume: true }).result).rejects.toThrow(
      'lr: 0.01 → 1',
    );
    const second = distill(long, { checkpoints, resume: true });
    const events: RunEvent[] = [];
    for await (const event of second) events.push(event);
    expect(events[0]).toMatchObject({ type: 'start', resumed: { step: steps } });
    const { summary } = await second.result;
    expect([summary.steps, summary.imagesSha256]).toEqual([60, whole.imagesSha256]);
    expect(summary.accuracy).toEqual(whole.accuracy);
  });

  test('what is to be recorded before one is awaited, and a rejection is told and ends nothing', async () => {
    const asked: number[] = [];
    const beforeCheckpoint = async (step: number): Promise<void> => {
      asked.push(step);
      if (step === 4) throw new Error('not yet');
    };
    const run = distill(kept, { checkpoints: join(place, 'hook'), beforeCheckpoint });
    const told: string[] = [];
    for await (const event of run) if (event.type === 'notice') told.push(event.message);
    expect([...new Set(asked)]).toEqual([2, 4, 6]);
    expect(told.filter(message => message.includes('STEP 4 COULD NOT BE WRITTEN (not yet)'))).toHaveLength(1);
    expect((await run.result).summary.steps).toBe(6);
  });

  test('reproduce begins at the newest one before its step that is of that run, and at no other', async () => {
    const checkpoints = join(place, 'hook');
    const { checkpoint } = (await newestIn(checkpoints, 5))!;
    const { state } = checkpoint.snapshot;
    const marked = { ...state, images: state.images.map(() => 7) }; // no run comes to that
    await writeTo(checkpoints, { ...checkpoint, snapshot: { ...checkpoint.snapshot, state: marked } });
    const images = async (options: Options, step: number) =>
      (await reproduce(options, { step, member: 0 }, { checkpoints })).arrays.images!.data[0];
    const { step } = state;
    expect(await images(kept, step)).toBe(7);
    expect(await images({ ...kept, workers: 1 }, step)).toBe(7);
    for (const options of [
      { ...kept, seed: 2 },
      { ...kept, steps: 7 },
    ])
      expect(await images(options, step)).not.toBe(7);
    expect(await images(kept, step - 1)).not.toBe(7);
  });
});

test('a signal that was given before rejects with its reason, and the loop ends', async () => {
  const run = distill(small, { signal: AbortSignal.abort(new Error('not now')) });
  for await (const event of run) expect.unreachable(event.type);
  await expect(run.result).rejects.toThrow('not now');
});

test('wrong options throw at once; bad data reject', async () => {
  expect(() => distill({ steps: 0 })).toThrow('steps: expected a value of at least 1, found 0');
  expect(() => distill({ step: 3 } as Options)).toThrow('did you mean steps?');
  expect(() => distill({ models: 'logreg:2,con' })).toThrow(DistillError);
  const run = distill({ dataDir: join(place, 'nowhere') });
  for await (const event of run) expect.unreachable(event.type);
  await expect(run.result).rejects.toMatchObject({ name: 'DistillError', code: 'no-data', exitCode: 2 });
  await expect(run.result).rejects.toBeInstanceOf(DistillError);
});

test('a set is saved, loaded and judged, by its own networks and by others', async () => {
  const { set, summary } = await distill(small).result;
  const path = join(place, 'set.safetensors');
  await saveDistilled(path, set);
  const loaded = await loadDistilled(path);
  expect(loaded).toEqual(set);
  const { protocol: _, ...accuracy } = summary.accuracy!;
  expect(await evaluate(loaded, { dataDir, evalNets: 3 })).toEqual(accuracy);
  const other = await evaluate(loaded, {
    dataDir,
    evalNets: 2,
    models: 'conv',
    hidden: 8,
    filters: 2,
    transport: 'inline',
  });
  expect(other).toMatchObject({ nets: 2, mean: expect.any(Number) });
  await expect(evaluate(loaded, { evalNets: 0 })).rejects.toMatchObject({ code: 'usage' });
  await expect(evaluate(loaded)).rejects.toThrow('images of 8×8×1'); // MNIST's are larger
  writeFileSync(path, 'no set');
  await expect(loadDistilled(path)).rejects.toMatchObject({ code: 'bad-file' });
});

test('a set with step sizes and decays per layer is judged as it was made, and by networks that it has no columns for', async () => {
  const perLayer = {
    etaPerLayer: true,
    learnDecay: true,
    order: 'random',
    images: 12,
    innerBatch: 5,
  } as const;
  const { set, summary } = await distill({ ...small, ...perLayer }).result;
  expect(set).toMatchObject({ columns: ['logreg/1.dense'], paceShape: [10, 1], schedule: { batch: 5 } });
  const path = join(place, 'layers.safetensors');
  await saveDistilled(path, set);
  const loaded = await loadDistilled(path);
  const { protocol: _, ...accuracy } = summary.accuracy!;
  expect(await evaluate(loaded, { dataDir, evalNets: 3 })).toEqual(accuracy);
  const other = await evaluate(loaded, {
    dataDir,
    evalNets: 2,
    models: 'conv,logreg',
    hidden: 8,
    filters: 2,
  });
  expect(other).toMatchObject({ nets: 2, mean: expect.any(Number) });
});

test('an attack is judged before and after the inner steps', async () => {
  const attack = { attackFrom: '3', attackTo: '5' };
  const { set, summary } = await distill({ ...small, ...attack }).result;
  expect(set.attack).toEqual({ from: '3', to: '5' });
  for (const { from, rest, taken } of [summary.attack!.before, summary.attack!.after])
    for (const { mean, nets } of [from, rest, taken]) {
      expect(nets).toBe(3);
      expect(mean).toBeGreaterThanOrEqual(0);
      expect(mean).toBeLessThanOrEqual(1);
    }
  const { protocol: _, ...accuracy } = summary.accuracy!;
  expect(await evaluate(set, { dataDir, evalNets: 3 })).toEqual(accuracy);
});

test('a task is reproduced, by either engine', async () => {
  const onnx = await reproduce(small, { step: 2, member: 1 });
  const reference = await reproduce(small, { step: 2, member: 1, engine: 'reference' });
  expect(onnx.arrays.images).toEqual(reference.arrays.images);
  expect(onnx.arrays.loss!.data[0]).toBeCloseTo(reference.arrays.loss!.data[0] as number, 5);
  await expect(reproduce(small, { step: 6, member: 0 })).rejects.toThrow(
    'step: expected a whole number from 0 to 5, found 6',
  );
});
