import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  evaluate,
  gradient,
  input,
  max,
  type Op,
  print,
  relu,
  sumAll,
} from '../../../src/shared/graph/index.ts';
import { stream } from '../../../src/shared/random/index.ts';
import { cases } from './cases.ts';
import { expectVjp, pulledBack } from './differences.ts';
import { draw, drawInputs, inner } from './values.ts';

/** Primitives that are linear in all operands together. */
const linear: readonly Op[] = [
  'add',
  'sub',
  'neg',
  'sum',
  'expand',
  'reshape',
  'transpose',
  'slice',
  'pad',
  'concat',
  'patches',
  'fold',
];

describe.each(Object.entries(cases))('%s', (_, arbitrary) => {
  test('vjp, and the vjp of the vjp, agree with central differences', () =>
    fc.assert(
      fc.property(arbitrary, fc.nat(), (c, seed) => expectVjp(c, seed, { order: 2 })),
      { numRuns: 60 },
    ));
});

describe.each(linear)('%s', op => {
  test('its vjp is its transpose: ⟨v, P·x⟩ = ⟨Pᵀ·v, x⟩ to the last digits', () =>
    fc.assert(
      fc.property(cases[op], fc.nat(), ({ graph }, seed) => {
        const x = drawInputs(graph, seed);
        const v = graph.outputs.map(t => draw(stream(seed, 'images'), t.shape));
        const along = inner(v, evaluate(graph, x));
        const back = inner(evaluate(pulledBack(graph), [...x, ...v]), x);
        const scale = Math.max(along.magnitude, back.magnitude, 1e-3);
        expect(Math.abs(along.product - back.product) / scale, print(graph)).toBeLessThan(1e-13);
      }),
    ));
});

describe('at a kink', () => {
  const x = input('x', [2, 3]);
  const at = (y: typeof sumAll, values: readonly number[]): Float64Array =>
    evaluate({ inputs: [x], outputs: gradient(sumAll(y(x)), [x]) }, [Float64Array.from(values)])[0]!;

  test('equally large elements share the cotangent', () => {
    expect(at(t => max(t, [1]), [1, 1, 0, -2, -2, -2])).toEqual(
      Float64Array.of(0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3),
    );
    expect(at(t => max(t, [0, 1]), [1, 3, 2, 3, 0, 3])).toEqual(
      Float64Array.of(0, 1 / 3, 0, 1 / 3, 0, 1 / 3),
    );
  });

  test('relu has derivative 0 at 0', () => {
    expect(at(relu, [-1, 0, 1, -0, 2, 0])).toEqual(Float64Array.of(0, 0, 1, 0, 1, 0));
  });

  test('numbers that are none stay so, and are not hidden', () => {
    const values = Float64Array.of(Number.NaN, 1, 2, 3, 4, 5);
    const [bent, largest] = evaluate({ inputs: [x], outputs: [relu(x), max(x, [1])] }, [values]);
    expect([...bent!]).toEqual([Number.NaN, 1, 2, 3, 4, 5]);
    expect([...largest!]).toEqual([Number.NaN, 5]);
  });
});
