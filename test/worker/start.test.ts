import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Job, type Options, type Pool, planOf, poolParts } from '../../src/shared/config/index.ts';
import { DistillError } from '../../src/shared/errors.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { type Start, startOfJudged, startOfMember } from '../../src/worker/start.ts';
import { smallJob } from '../shared/config/jobs.ts';

const counts = { logreg: 7, conv: 12 } as const;
const pretrained: Options = { models: 'logreg:2,conv', init: 'pretrained:trained.safetensors' };

/** Networks of `size` weights that say their number: all weights of network r are r. */
function pool(count: number, size: number): Pool {
  const weights = new Float32Array(new SharedArrayBuffer(4 * count * size));
  for (let r = 0; r < count; r++) weights.fill(r, r * size, (r + 1) * size);
  return { count, weights };
}

function pooledJob(options: Options = {}): Job {
  const job = smallJob({ ...pretrained, ...options });
  const { nets } = planOf(job);
  const pools = Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, pool(count, nets[name]!.weightCount)]),
  );
  return { ...job, pools };
}

const range = (count: number): number[] => [...new Array(count).keys()];
const numbersIn = (name: keyof typeof counts, part: 'distilled' | 'validation' | 'test'): number[] => {
  const { first, size } = poolParts(counts[name])[part];
  return range(size).map(i => first + i);
};
const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

describe('networks from a file', () => {
  const job = pooledJob();
  const plan = planOf(job);
  /** Which network it is. */
  const number = ({ weights }: Start): number => {
    expect(new Set(weights).size).toBe(1);
    return weights[0]!;
  };
  const judged = (name: string, part: 'validation' | 'test', nets: number): number[] =>
    range(nets).map(net => number(startOfJudged(job, plan, name, part, net)));

  test.each([
    [0, 'logreg'],
    [1, 'logreg'],
    [2, 'conv'],
  ] as const)(
    'member %i (%s) gets all that are distilled with over the steps, and no other',
    (member, name) => {
      const seen = range(200).map(step => startOfMember(job, plan, step, member));
      expect(sorted(seen.map(number))).toEqual(numbersIn(name, 'distilled'));
      for (const { weights } of seen) expect(weights).toHaveLength(plan.nets[name]!.weightCount);
    },
  );

  test.each(['logreg', 'conv'] as const)('%s: those that are judged are of their own part, in turn', name => {
    for (const part of ['validation', 'test'] as const) {
      const own = numbersIn(name, part);
      expect(judged(name, part, 2 * own.length)).toEqual([...own, ...own]);
    }
  });

  test('members, steps and seeds differ, and each answer is the same on every call', () => {
    const walk = (seed: number, member: number): number[] => {
      const other = pooledJob({ seed });
      return range(20).map(step => number(startOfMember(other, plan, step, member)));
    };
    expect(walk(1, 0)).toEqual(walk(1, 0));
    expect(walk(1, 1)).not.toEqual(walk(1, 0));
    expect(walk(2, 0)).not.toEqual(walk(1, 0));
  });

  test('what is given is a copy: the pool stays as it is', () => {
    startOfMember(job, plan, 0, 0).weights.fill(-1);
    startOfJudged(job, plan, 'logreg', 'test', 0).weights.fill(-1);
    expect(job.pools!.logreg).toEqual(pool(7, plan.nets.logreg!.weightCount));
  });

  test.each<[string, Job['pools'], string]>([
    ['of another architecture', { logreg: job.pools!.logreg! }, 'some for logreg'],
    ['of none', undefined, 'some for none'],
  ])('%s: an error in one line', (_, pools, found) => {
    const { pools: __, ...rest } = job;
    const without = { ...rest, ...(pools && { pools }) };
    for (const start of [
      () => startOfMember(without, plan, 0, 2),
      () => startOfJudged(without, plan, 'conv', 'test', 0),
    ]) {
      expect(start).toThrow(DistillError);
      expect(start).toThrow(
        `init: expected pre-trained networks for conv, found ${found}; pretrain that architecture too`,
      );
      expect(start).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });
});

describe('networks that are drawn', () => {
  const job = smallJob({ models: 'logreg:2,conv', init: 'normal', sigma: 0.3, seed: 9 });
  const plan = planOf(job);
  const drawn = (name: string, ...where: Parameters<typeof stream>): Float32Array =>
    drawWeights(plan.nets[name]!, { kind: 'normal', mu: 0, sigma: 0.3 }, stream(...where));

  test('come from the stream of their seed, step and member', () => {
    expect(startOfMember(job, plan, 4, 1)).toEqual({ weights: drawn('logreg', 9, 'weights', 4, 1) });
    expect(startOfMember(job, plan, 4, 2)).toEqual({ weights: drawn('conv', 9, 'weights', 4, 2) });
  });

  test('where they are judged, from a stream of their own', () => {
    expect(startOfJudged(job, plan, 'conv', 'test', 3)).toEqual({
      weights: drawn('conv', 9, 'testWeights', 0, 3),
    });
    expect(startOfJudged(job, plan, 'conv', 'validation', 3)).toEqual({
      weights: drawn('conv', 9, 'validationWeights', 0, 3),
    });
  });
});

describe('mini-batches', () => {
  /** The images of each step, by number. */
  function steps(options: Options, of: (job: Job, plan: ReturnType<typeof planOf>) => Start): number[][] {
    const job = smallJob({ models: 'logreg:2', order: 'random', ...options });
    const plan = planOf(job);
    const { order, images: m, innerSteps } = plan.schedules.logreg!;
    const batch = order.kind === 'random' ? order.batch : 0;
    const select = of(job, plan).select!;
    expect(select).toHaveLength(innerSteps * batch * m);
    return range(innerSteps).map(k =>
      range(batch).map(b => {
        const row = select.subarray((k * batch + b) * m, (k * batch + b + 1) * m);
        expect([...row].sort()).toEqual([...new Array<number>(m - 1).fill(0), 1]); // one-hot
        return row.indexOf(1);
      }),
    );
  }
  const ofMember = (options: Options, step = 0, member = 0): number[][] =>
    steps(options, (job, plan) => startOfMember(job, plan, step, member));
  const ofJudged = (options: Options, part: 'validation' | 'test', number: number): number[][] =>
    steps(options, (job, plan) => startOfJudged(job, plan, 'logreg', part, number));

  const sizes = fc
    .record({
      images: fc.integer({ min: 1, max: 12 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      innerSteps: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
    })
    .map(({ share, ...rest }) => ({ ...rest, innerBatch: Math.max(1, Math.floor(share * rest.images)) }));

  test('name one image in each row, and none twice before too few are left', () =>
    fc.assert(
      fc.property(sizes, options => {
        const seen = ofMember(options);
        const perRound = Math.floor(options.images / options.innerBatch);
        for (let k = 0; k < seen.length; k += perRound) {
          const round = seen.slice(k, k + perRound).flat();
          expect(new Set(round).size).toBe(round.length);
        }
      }),
      { numRuns: 60 },
    ));

  test('where they fit, every image comes once before any comes twice', () => {
    const seen = ofMember({ images: 6, innerBatch: 2, innerSteps: 9 }).flat();
    for (const round of [seen.slice(0, 6), seen.slice(6, 12), seen.slice(12)])
      expect(sorted(round)).toEqual(range(6));
  });

  test('of all images are all of them at each step, in another order', () => {
    const seen = ofMember({ images: 5, innerBatch: 5, innerSteps: 4 });
    for (const batch of seen) expect(sorted(batch)).toEqual(range(5));
    expect(new Set(seen.map(String)).size).toBeGreaterThan(1);
  });

  test('are the same on every call, others for another step, member, seed or network that is judged', () => {
    const options: Options = { images: 12, innerBatch: 4, innerSteps: 6 };
    const some = (): number[][][] => [
      ofMember(options),
      ofMember(options, 1),
      ofMember(options, 0, 1),
      ofMember({ ...options, seed: 2 }),
      ofJudged(options, 'validation', 0),
      ofJudged(options, 'test', 0),
      ofJudged(options, 'test', 1),
    ];
    expect(some()).toEqual(some());
    expect(new Set(some().map(String)).size).toBe(7);
  });

  test.each(['all', 'steps'] as const)('there are none with order %s', order => {
    const job = smallJob({ order });
    expect(startOfMember(job, planOf(job), 0, 0)).not.toHaveProperty('select');
    expect(startOfJudged(job, planOf(job), 'logreg', 'test', 0)).not.toHaveProperty('select');
  });

  test('are there for networks from a file too', () => {
    const job = pooledJob({ order: 'random', innerBatch: 2 });
    const { select, weights } = startOfMember(job, planOf(job), 0, 0);
    expect(select).toHaveLength(3 * 2 * 3);
    expect(new Set(weights).size).toBe(1);
  });
});
