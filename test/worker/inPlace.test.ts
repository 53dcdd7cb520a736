import { describe, expect, it } from 'vitest';
import type { MapInstruction, MapStep, Plan, Walk } from '../../src/worker/engines/native/instructions.ts';
import { memoryOf } from '../../src/worker/engines/native/memory.ts';
import type { Buffer } from '../../src/worker/engines/native/views.ts';

const sizes = [4, 8];
const buffer = (): Buffer => ({ size: 32 });
const walk = (of: Buffer, register: number, strides: readonly number[] = [8, 1]): Walk => ({
  buffer: of,
  offset: 0,
  register,
  strides,
});
const step = (op: MapStep['op'], out: number, a: number, b = a): MapStep => ({ op, out, a, b, c: a });
const map = (
  loads: readonly Walk[],
  steps: readonly MapStep[],
  stores: readonly Walk[],
  reductions: MapInstruction['reductions'] = [],
): MapInstruction => ({ kind: 'map', sizes, registers: 8, loads, steps, stores, reductions });

/** From `given` to `result`, in some maps. */
const planOf = (...instructions: readonly MapInstruction[]): Plan => ({
  instructions,
  inputs: [given],
  outputs: [{ buffer: result, offset: 0, dims: [{ size: 32, stride: 1 }] }],
  constants: new Map(),
});
const [given, result] = [buffer(), buffer()];

describe('a result in the place of an operand', () => {
  const [x, y] = [buffer(), buffer()];
  const first = map([walk(given, 0)], [step('exp', 1, 0)], [walk(x, 1)]);
  const last = map([walk(y, 0)], [step('neg', 1, 0)], [walk(result, 1)]);
  const shares = (...between: readonly MapInstruction[]): boolean => {
    const { offsets } = memoryOf(planOf(first, ...between, last));
    return offsets.get(x) === offsets.get(y);
  };

  it('is where the operand lies as it does and is read for the last time', () => {
    expect(shares(map([walk(x, 0)], [step('exp', 1, 0)], [walk(y, 1)]))).toBe(true);
  });

  it('is not where the operand is read later', () => {
    const later = map([walk(x, 0), walk(y, 1)], [step('add', 2, 0, 1)], [walk(buffer(), 2)]);
    expect(shares(map([walk(x, 0)], [step('exp', 1, 0)], [walk(y, 1)]), later)).toBe(false);
  });

  it('is not where the operand is walked in another order, or twice', () => {
    expect(shares(map([walk(x, 0, [1, 4])], [step('exp', 1, 0)], [walk(y, 1)]))).toBe(false);
    const twice = map([walk(x, 0), walk(x, 1, [1, 4])], [step('add', 2, 0, 1)], [walk(y, 2)]);
    expect(shares(twice)).toBe(false);
  });

  it('is not where a step reads the operand after the result is written', () => {
    const other = walk(buffer(), 2);
    const late = map([walk(x, 0)], [step('exp', 1, 0), step('add', 2, 0, 1)], [walk(y, 1), other]);
    expect(shares(late)).toBe(false);
    const early = map([walk(x, 0)], [step('add', 2, 0), step('exp', 1, 0)], [walk(y, 1), other]);
    expect(shares(early)).toBe(true);
  });

  it('is not where the operand itself is summed', () => {
    const sum = { ...walk({ size: 1 }, 0, [0, 0]), how: 'sum' as const, outSize: 1 };
    expect(shares(map([walk(x, 0)], [step('exp', 1, 0)], [walk(y, 1)], [sum]))).toBe(false);
  });

  it('goes on from result to result', () => {
    const z = buffer();
    const chain = [
      map([walk(x, 0)], [step('exp', 1, 0)], [walk(z, 1)]),
      map([walk(z, 0)], [step('exp', 1, 0)], [walk(y, 1)]),
    ];
    expect(shares(...chain)).toBe(true);
  });
});
