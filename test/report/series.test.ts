import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  axisOf,
  fromAxis,
  logTicks,
  showTick,
  smooth,
  sound,
  spread,
  thin,
  toAxis,
} from '../../src/report/series.ts';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('thin', () => {
  test('keeps all that fit, else exactly the limit, in order, first and last among them', () =>
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 2, max: 50 }), (count, limit) => {
        const items = Array.from({ length: count }, (_, i) => i);
        const kept = thin(items, limit);
        expect(kept.length).toBe(Math.min(count, limit));
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect([kept[0], kept.at(-1)]).toEqual([items[0], items.at(-1)]);
      }),
    ));
});

describe('smooth', () => {
  test('lies between the least and the greatest, and leaves a level course alone, whatever is missing', () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(value, fc.constantFrom(Number.NaN, Infinity)), { maxLength: 300 }),
        values => {
          const seen = values.filter(sound);
          for (const mean of smooth(values).filter(mean => !Number.isNaN(mean))) {
            expect(mean).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-6);
            expect(mean).toBeLessThanOrEqual(Math.max(...seen) + 1e-6);
          }
        },
      ),
    ));

  test('takes away most of the noise of a long course, and follows a straight one', () => {
    const noisy = Array.from({ length: 4_000 }, (_, i) => i + 100 * (i % 2));
    expect(Math.abs(smooth(noisy)[2_000]! - 2_050)).toBeLessThan(2);
    expect(smooth([3, 1, 2])).toEqual([3, 1, 2]);
    const falling = Array.from({ length: 4_000 }, (_, i) => 4_000 - i);
    expect(smooth(falling).slice(0, 3_000)).toEqual(falling.slice(0, 3_000));
  });
});

describe('an axis', () => {
  const doubles = fc.array(fc.double(), { maxLength: 20 });

  test('has different sound ends with every sound value between them, whatever the values', () =>
    fc.assert(
      fc.property(doubles, values => {
        const axis = axisOf(values);
        const [low, high] = axis.domain;
        expect(low).toBeLessThan(high);
        expect(Number.isFinite(high - low)).toBe(true);
        for (const v of values.filter(sound)) expect(v >= low && v <= high).toBe(true);
        if (axis.type === 'log') expect(low).toBeGreaterThan(0);
      }),
    ));

  test('fromAxis undoes toAxis', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), { minLength: 1 }), values => {
        const axis = axisOf(values);
        for (const v of values) expect(fromAxis(axis, toAxis(axis, v)) / v).toBeCloseTo(1, 6);
      }),
    ));

  test('is logarithmic for what spans more than a factor of 20 above 0 only', () => {
    expect(axisOf([1, 19]).type).toBe('linear');
    expect(axisOf([1, 21]).type).toBe('log');
    expect(axisOf([0, 21]).type).toBe('linear');
    expect(axisOf([1, 21], 'linear').type).toBe('linear');
  });

  test('has two to thirteen marks on a logarithmic scale, within its ends, each with a short name', () =>
    fc.assert(
      fc.property(
        fc.double({ min: 1e-12, max: 1e3, noNaN: true }),
        fc.double({ min: 21, max: 1e90, noNaN: true }),
        (low, ratio) => {
          const axis = axisOf([low, low * ratio]);
          const ticks = logTicks(axis);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(13);
          for (const tick of ticks) {
            expect(tick >= axis.domain[0] && tick <= axis.domain[1]).toBe(true);
            expect(showTick(tick)).toMatch(/^[0-9.]{1,6}$|^[125]e[-+]\d+$/);
            expect(Number(showTick(tick))).toBe(tick);
          }
        },
      ),
    ));
});

describe('spread', () => {
  const wanted = fc.array(fc.integer({ min: -50, max: 250 }), { maxLength: 20 });

  test('keeps the gap, the order and, where there is room, the bounds', () =>
    fc.assert(
      fc.property(wanted, positions => {
        const placed = spread(positions, 10, 200);
        const order = [...positions.keys()].sort((a, b) => positions[a]! - positions[b]! || a - b);
        const sorted = order.map(i => placed[i]!);
        for (let i = 1; i < sorted.length; i++)
          expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThan(10 - 1e-9);
        for (const place of placed) expect(place >= -1e-9 && place <= 200 + 1e-9).toBe(true);
      }),
    ));

  test('moves nothing that need not move, and centres what does', () => {
    expect(spread([100, 0, 50], 10, 200)).toEqual([100, 0, 50]);
    expect(spread([100, 100, 100], 10, 200)).toEqual([90, 100, 110]);
    expect(spread([0, 0], 10, 200)).toEqual([0, 10]);
  });
});
