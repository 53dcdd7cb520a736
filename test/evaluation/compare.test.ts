import { describe, expect, test } from 'vitest';
import type { Poisoning } from '../../src/coordinator/verdict.ts';
import { compared } from '../../src/evaluation/compare.ts';
import type { Job } from '../../src/shared/config/index.ts';
import { type Asked, fakeDesk, markedState } from './desks.ts';

const scope = { protocols: ['schedule', 'converged'], baselines: true, randomDraws: 2 } as const;
const isDistilled = ({ state }: Asked): boolean => state.images[0] === 7;
const counts = (rows: readonly { name: string; accuracy: { nets: number } }[]): [string, number][] =>
  rows.map(({ name, accuracy }) => [name, accuracy.nets]);

async function run(
  options = {},
  correct: (q: Asked) => number = () => 50,
  what = {},
  change?: (job: Job) => Job,
) {
  const desk = fakeDesk(options, correct, change);
  return { desk, ...(await compared(desk, markedState(desk.plan), { ...scope, ...what })) };
}

describe('rows', () => {
  test('one image per class: k-means is not computed, and that is said', async () => {
    const { tables, neighbours, notes } = await run({ evalNets: 5 });
    expect(tables.map(({ architecture, protocol }) => [architecture, protocol])).toEqual([
      ['logreg', 'schedule'],
      ['logreg', 'converged'],
    ]);
    for (const { rows } of tables)
      expect(counts(rows)).toEqual([
        ['distilled', 5],
        ['random', 5],
        ['best-random', 5],
        ['class-means', 5],
        ['full', 3],
      ]);
    expect(counts(neighbours)).toEqual([
      ['random', 5],
      ['class-means', 1],
    ]);
    expect(notes).toEqual(['k-means: with one image per class its centres are the class means']);
  });

  test('several images per class: k-means too; every set has as many images as the distilled one', async () => {
    const { tables, notes, desk } = await run({ images: 7 });
    expect(tables[0]!.rows.map(({ name }) => name)).toContain('k-means');
    expect(notes).toEqual([]);
    for (const { state } of desk.asked) expect(state.images).toHaveLength(7 * 36);
  });

  test('fewer images than classes: nothing by class, and that is said', async () => {
    const { tables, neighbours, notes } = await run({ images: 2 });
    expect(tables[0]!.rows.map(({ name }) => name)).toEqual(['distilled', 'random', 'best-random', 'full']);
    expect(neighbours.map(({ name }) => name)).toEqual(['random']);
    expect(notes).toEqual(['class means and k-means are left out: 2 images for 3 classes']);
  });

  test('without baselines the set alone, and only test images', async () => {
    const { tables, neighbours, desk } = await run({}, () => 50, { baselines: false });
    for (const table of tables) {
      expect(counts(table.rows)).toEqual([['distilled', 3]]);
      expect(table).not.toHaveProperty('overRandom');
    }
    expect(neighbours).toEqual([]);
    expect(desk.asked.every(({ part }) => part === 'test')).toBe(true);
  });

  test('each architecture has as many networks, and baselines of its own; all data are learned once for both protocols', async () => {
    const { tables, desk } = await run({ models: 'logreg:2,conv' });
    expect(tables.map(({ architecture }) => architecture)).toEqual(['logreg', 'logreg', 'conv', 'conv']);
    for (const model of [0, 1]) {
      const own = desk.asked.filter(q => q.part === 'test' && q.model === model);
      expect(own.filter(q => isDistilled(q) && q.recipe === 'converged').map(({ net }) => net)).toEqual([
        0, 1, 2,
      ]);
      expect(own.filter(({ recipe }) => recipe === 'full')).toHaveLength(3);
    }
  });

  test('order random and steps: as many images, labels one-hot, the shipped η̃ where they are best', async () => {
    for (const options of [
      { order: 'random', images: 6, innerBatch: 4 },
      { order: 'steps', innerSteps: 2, images: 6 },
    ]) {
      const { desk } = await run(options);
      for (const { state } of desk.asked.filter(q => !isDistilled(q)))
        expect([...state.labels].sort().join('')).toBe('0'.repeat(12) + '1'.repeat(6));
    }
  });
});

test('figures: means, deviations, shares by class, and the difference to random real images', async () => {
  const correct = (q: Asked): number => (isDistilled(q) ? 80 + 10 * q.net : 30 + 10 * q.net);
  const { tables } = await run({}, correct, { protocols: ['schedule'] });
  const [{ rows, overRandom }] = tables as [(typeof tables)[0]];
  expect(overRandom).toBeCloseTo(0.5, 12);
  expect(rows[0]!.accuracy).toMatchObject({ nets: 3 });
  expect(rows[0]!.accuracy.mean).toBeCloseTo(0.9, 12);
  expect(rows[0]!.accuracy.std).toBeCloseTo(0.1, 12);
  for (const share of rows[0]!.perClass) expect(share).toBeCloseTo(0.9, 12);
});

test('one network: no deviation, and nothing that is not a number', async () => {
  const { tables } = await run({ evalNets: 1, validationNets: 1 });
  expect(JSON.stringify(tables)).not.toContain('null');
  for (const { rows } of tables)
    for (const { accuracy } of rows) expect(accuracy).toMatchObject({ std: 0, nets: 1 });
});

test('an attack: no baselines, what becomes of the class and of the rest, before and after', async () => {
  const correct = ({ recipe }: Asked): number => (recipe === 'none' ? 90 : 20);
  const { tables, notes, desk } = await run({ attackFrom: 'one', attackTo: 'two' }, correct);
  expect(tables).toHaveLength(2);
  for (const { attack, rows } of tables) {
    expect(rows.map(({ name }) => name)).toEqual(['distilled', 'before']);
    const means = ({ from, rest, taken }: Poisoning): number[] =>
      [from, rest, taken].map(({ mean }) => Number(mean.toFixed(9)));
    expect(means(attack!.before)).toEqual([0.9, 0.9, 0.1]);
    expect(means(attack!.after)).toEqual([0.2, 0.2, 0.8]);
  }
  expect(notes).toEqual(['a set with an attack has no baselines']);
  expect(desk.asked.every(q => q.part === 'test' && isDistilled(q))).toBe(true);
});

test('networks from a file: no more than it has for the test, and what they knew before', async () => {
  const weights = new Float32Array(new SharedArrayBuffer(4 * 6 * (36 * 3 + 3)));
  const withPool = (job: Job): Job => ({ ...job, pools: { logreg: { count: 6, weights } } });
  const correct = ({ recipe }: Asked): number => (recipe === 'none' ? 10 : 60);
  const { tables, desk } = await run({ evalNets: 20 }, correct, {}, withPool);
  const chosenWith = desk.asked.filter(({ part, recipe }) => part === 'validation' && recipe === 'converged');
  expect(chosenWith.map(({ net }) => net)).toEqual([0, 0]); // two draws; one of six networks is for validation
  for (const { rows } of tables) {
    expect(rows[1]!.name).toBe('before');
    expect(rows[1]!.accuracy).toEqual({ mean: 0.1, std: 0, nets: 2 });
    for (const { accuracy } of rows) expect(accuracy.nets).toBe(2);
  }
});

test('a signal ends it with its reason', async () => {
  const abort = new AbortController();
  const desk = fakeDesk({}, ({ part }) => {
    if (part === 'test') abort.abort(new Error('not now'));
    return 50;
  });
  const judged = compared({ ...desk, signal: abort.signal }, markedState(desk.plan), scope);
  await expect(judged).rejects.toThrow('not now');
  expect(desk.asked.filter(({ part }) => part === 'test')).toHaveLength(1);
});
