import { describe, expect, test } from 'vitest';
import { networksFor, type PoolPart, planOf, poolParts } from '../../../src/shared/config/index.ts';
import { smallJob } from './jobs.ts';

const parts: readonly PoolPart[] = ['distilled', 'validation', 'test'];
const numbers = (count: number, part: PoolPart): number[] => {
  const { first, size } = poolParts(count)[part];
  return Array.from({ length: size }, (_, i) => first + i);
};

describe('a pool of networks is divided', () => {
  test.each([3, 4, 5, 6, 7, 9, 12, 13, 100, 101])(
    '%i: each network is in one part, and no part is empty',
    count => {
      const all = parts.flatMap(part => numbers(count, part));
      expect([...all].sort((a, b) => a - b)).toEqual([...new Array(count).keys()]);
      for (const part of parts) expect(poolParts(count)[part].size).toBeGreaterThan(0);
    },
  );

  test.each([
    [3, 1, 1, 1],
    [6, 3, 1, 2],
    [7, 3, 1, 3],
    [12, 6, 2, 4],
    [100, 50, 16, 34],
  ])('%i: %i are distilled with, %i validated, %i tested', (count, distilled, validation, tested) => {
    const sizes = parts.map(part => poolParts(count)[part].size);
    expect(sizes).toEqual([distilled, validation, tested]);
  });

  test('of one or two, parts share networks', () => {
    for (const part of parts) expect(numbers(1, part)).toEqual([0]);
    expect(parts.map(part => numbers(2, part))).toEqual([[0], [0], [1]]);
  });
});

describe('the networks that are judged', () => {
  const plan = planOf(smallJob({ models: 'logreg,conv' }));
  const pool = (count: number) => ({ count, weights: new Float32Array(new SharedArrayBuffer(0)) });

  test('are as many as asked for where they are drawn', () => {
    expect(networksFor(undefined, plan.names, 'test', 20)).toBe(20);
  });

  test('are no more than the smallest pool has for that part', () => {
    const pools = { logreg: pool(12), conv: pool(6) };
    expect(networksFor(pools, plan.names, 'test', 20)).toBe(4); // two of each
    expect(networksFor(pools, plan.names, 'validation', 20)).toBe(2);
    expect(networksFor(pools, plan.names, 'test', 1)).toBe(1);
    expect(networksFor({ logreg: pool(12) }, ['logreg'], 'test', 20)).toBe(4);
  });
});
