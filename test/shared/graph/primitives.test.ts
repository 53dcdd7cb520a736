import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, type Op, print } from '../../../src/shared/graph/index.ts';
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
