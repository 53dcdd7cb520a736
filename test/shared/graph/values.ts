/** @file Random values for the inputs of a graph, and how far two results are apart. */
import { expect } from 'vitest';
import { type Graph, type Shape, sizeOf } from '../../../src/shared/graph/index.ts';
import { type Stream, stream } from '../../../src/shared/random/index.ts';

export type Range = readonly [low: number, high: number];

/** Values of a tensor of `shape`, uniform in `range`. */
export const draw = (random: Stream, shape: Shape, [low, high]: Range = [-1, 1]): Float64Array =>
  Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform());

/** Values for each input of `graph`: the same ones for the same seed. */
export function drawInputs(graph: Graph, seed: number, ranges: readonly Range[] = []): Float64Array[] {
  const random = stream(seed, 'weights');
  return graph.inputs.map((t, i) => draw(random, t.shape, ranges[i]));
}

export type Results = readonly ArrayLike<number>[];

/** ⟨a, b⟩ over all arrays of two lists, and the sum of its terms' magnitudes, against which rounding errors are to be measured. */
export function inner(a: Results, b: Results): { product: number; magnitude: number } {
  let [product, magnitude] = [0, 0];
  a.forEach((values, i) => {
    for (let n = 0; n < values.length; n++) {
      const term = values[n]! * b[i]![n]!;
      product += term;
      magnitude += Math.abs(term);
    }
  });
  return { product, magnitude };
}

/** ‖a − b‖/‖b‖ over all elements; where terms of size 1 may cancel in b, `floor` stands for its norm when that is smaller. */
export function relativeDistance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  floor = Number.MIN_VALUE,
): number {
  expect(a.length).toBe(b.length);
  let [difference, norm] = [0, 0];
  for (let n = 0; n < a.length; n++) {
    difference += (a[n]! - b[n]!) ** 2;
    norm += b[n]! ** 2;
  }
  return Math.sqrt(difference) / Math.max(Math.sqrt(norm), floor);
}

/** Checks that each element of `actual` is within `tolerance` of `expected`, both lists of arrays. `context` is shown when not. */
export function expectClose(actual: Results, expected: Results, tolerance: number, context = ''): void {
  expect(actual.map(values => values.length)).toEqual(expected.map(values => values.length));
  expected.forEach((values, i) => {
    for (let n = 0; n < values.length; n++) {
      const [a, b] = [actual[i]![n]!, values[n]!];
      if (!(Math.abs(a - b) <= tolerance))
        expect.unreachable(`output ${i}[${n}]: ${a}, expected ${b} ± ${tolerance}\n${context}`);
    }
  });
}
