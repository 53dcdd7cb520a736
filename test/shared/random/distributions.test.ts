import { describe, expect, test } from 'vitest';
import { permutation, stream } from '../../../src/shared/random/index.ts';

/** Seeds are fixed, so these tests can't fail by chance; the bounds are where one seed in a thousand or fewer would. */
const count = 1_000_000;

/** Pearson's χ² of counts against equal shares, as a standard normal (Wilson & Hilferty 1931). */
function chiSquared(counts: readonly number[]): number {
  const share = counts.reduce((a, b) => a + b) / counts.length;
  const statistic = counts.reduce((total, n) => total + (n - share) ** 2 / share, 0);
  const freedom = counts.length - 1;
  return (Math.cbrt(statistic / freedom) - 1 + 2 / (9 * freedom)) / Math.sqrt(2 / (9 * freedom));
}

function histogram(bins: number, samples: number, draw: () => number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < samples; i++) counts[draw()]!++;
  return counts;
}

/** Φ by its series about 0, good to 1e-12 for |x| < 5. */
function normalBelow(x: number): number {
  let [term, total] = [x, x];
  for (let k = 3; k < 200; k += 2) {
    term *= (x * x) / k;
    total += term;
  }
  return 0.5 + (total * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

describe('normal', () => {
  const random = stream(20, 'weights');
  const values = Float64Array.from({ length: count }, () => random.normal());
  const moment = (k: number): number => values.reduce((total, z) => total + z ** k, 0) / count;

  test.each([
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ])('moment %i is %i', (k, expected, variance) => {
    expect(Math.abs(moment(k) - expected)).toBeLessThan(3.5 * Math.sqrt(variance / count));
  });

  test.each([
    [2, 0.0455003],
    [3, 0.0026998],
    [3.442619855899, 0.000576127],
    [4, 0.0000633425],
  ])('beyond ±%d lies what should, on both sides', (z, share) => {
    for (const side of [1, -1]) {
      const beyond = values.reduce((total, value) => total + (side * value > z ? 1 : 0), 0);
      const expected = (count * share) / 2;
      expect(Math.abs(beyond - expected)).toBeLessThan(3.5 * Math.sqrt(expected));
    }
  });

  test('its distribution function is Φ, everywhere (Kolmogorov–Smirnov)', () => {
    const sorted = values.slice().sort();
    let distance = 0;
    for (let i = 0; i < count; i += 100)
      distance = Math.max(distance, Math.abs((i + 0.5) / count - normalBelow(sorted[i]!)));
    expect(distance * Math.sqrt(count)).toBeLessThan(1.95);
  });

  test('neighbours, and streams of neighbouring steps and members, are not correlated', () => {
    const length = 100_000;
    const at = [1, 2, 3, 4].map(() => new Float64Array(length));
    for (let i = 0; i < length; i++) {
      at[0]![i] = stream(3, 'weights', i, 0).normal();
      at[1]![i] = stream(3, 'weights', i, 1).normal();
      at[2]![i] = stream(3, 'weights', i + 1, 0).normal();
      at[3]![i] = stream(3, 'batch', i, 0).normal();
    }
    const correlation = (a: Float64Array, b: Float64Array): number =>
      a.reduce((total, x, i) => total + x * b[i]!, 0) / length;
    for (const other of at.slice(1))
      expect(Math.abs(correlation(at[0]!, other))).toBeLessThan(3.5 / Math.sqrt(length));
    expect(Math.abs(correlation(values.subarray(0, length), values.subarray(1, length + 1)))).toBeLessThan(
      3.5 / Math.sqrt(length),
    );
  });
});

describe('uniform and below', () => {
  test('uniform lies in [0, 1), evenly', () => {
    const random = stream(21, 'weights');
    let [low, high] = [1, 0];
    const counts = histogram(256, count, () => {
      const u = random.uniform();
      [low, high] = [Math.min(low, u), Math.max(high, u)];
      return Math.floor(u * 256);
    });
    expect(chiSquared(counts)).toBeLessThan(3.5);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThan(1);
  });

  test.each([2, 7, 10, 1000])('below(%i) gives each number equally often', n => {
    const random = stream(22, 'batch');
    expect(chiSquared(histogram(n, 200_000, () => random.below(n)))).toBeLessThan(3.5);
  });

  test('below is exact where 2³² is no multiple: of 3·2³⁰, each third is met equally often', () => {
    const random = stream(23, 'batch');
    expect(
      chiSquared(histogram(3, 30_000, () => Math.floor(random.below(3 * 2 ** 30) / 2 ** 30))),
    ).toBeLessThan(3.5);
  });

  test('each of the 32 bits is set half of the time', () => {
    const random = stream(24, 'split');
    const set = new Array<number>(32).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const word = random.bits();
      for (let bit = 0; bit < 32; bit++) set[bit]! += (word >>> bit) & 1;
    }
    for (const n of set) expect(Math.abs(n - 50_000)).toBeLessThan(4 * Math.sqrt(25_000));
  });

  test('all 120 orders of five are equally likely', () => {
    const orders = new Map<string, number>();
    const random = stream(25, 'batch');
    for (let i = 0; i < 60_000; i++) {
      const order = permutation(5, random).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(120);
    expect(chiSquared([...orders.values()])).toBeLessThan(3.5);
  });
});
