import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  evaluate,
  type Graph,
  type Input,
  input,
  matmul,
  optimise,
  type Pass,
  passes,
  print,
  type Shape,
  simplified,
  sub,
  type Tensor,
  topological,
  verify,
} from '../../../src/shared/graph/index.ts';
import { problems, rangesOf, stepOf } from '../distillation/problems.ts';
import { programs } from './programs.ts';
import { drawInputs, expectClose, type Range } from './values.ts';

const all: Readonly<Record<string, Pass>> = { ...passes, simplified, optimise };

/** Checks that `pass` gives a legal graph with the same inputs, shapes and results, up to rounding beside the largest value on the way. */
function expectSame(graph: Graph, pass: Pass, seed: number, ranges?: readonly Range[]): Graph {
  const x = drawInputs(graph, seed, ranges);
  const after = verify(pass(verify(graph)));
  expect(after.inputs).toBe(graph.inputs);
  expect(after.outputs.map(t => t.shape)).toEqual(graph.outputs.map(t => t.shape));
  const onTheWay = evaluate({ ...graph, outputs: topological(graph.outputs) }, x);
  const scale = onTheWay.reduce((max, values) => values.reduce((m, v) => Math.max(m, Math.abs(v)), max), 1);
  expectClose(
    evaluate(after, x),
    evaluate(graph, x),
    1e-12 * scale,
    `${print(graph)}\nbecame\n${print(after)}`,
  );
  return after;
}

describe.each(Object.entries(all))('%s keeps the meaning', (_, pass) => {
  test('of random graphs', () =>
    fc.assert(
      fc.property(programs(), fc.nat(), (graph, seed) => void expectSame(graph, pass, seed)),
      { numRuns: 400 },
    ));

  test.each(Object.entries(problems))('of the distillation step of %s', (_, problem) => {
    const graph = stepOf(problem);
    expectSame(graph, pass, 1, rangesOf(graph, problem.weights));
  });
});

/** w ± A₁·B₁ ± A₂·B₂ (± a row) with thin factors, turned in every way: larger than what random graphs hold, and fused differently. */
const updates = fc
  .record({
    m: fc.integer({ min: 8, max: 14 }),
    n: fc.integer({ min: 8, max: 14 }),
    terms: fc.array(
      fc.record({
        k: fc.integer({ min: 1, max: 2 }),
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
        minus: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    row: fc.boolean(),
  })
  .map(({ m, n, terms, row }): Graph => {
    const w = input('w', row ? [n] : [m, n]);
    const inputs: Input[] = [w];
    const added = (shape: Shape): Input => inputs[inputs.push(input(`x${inputs.length}`, shape)) - 1]!;
    const sum = terms.reduce<Tensor>((total, { k, transposeA, transposeB, minus }) => {
      const [a, b] = [added(transposeA ? [k, m] : [m, k]), added(transposeB ? [n, k] : [k, n])];
      return (minus ? sub : add)(total, matmul(a, b, { transposeA, transposeB }));
    }, w);
    return { inputs, outputs: [sum] };
  });

test('fusing keeps the meaning of sums of products', () =>
  fc.assert(
    fc.property(updates, fc.nat(), (graph, seed) => void expectSame(graph, optimise, seed)),
    { numRuns: 300 },
  ));

test('passes keep the meaning after one another in any order', () =>
  fc.assert(
    fc.property(
      programs(),
      fc.array(fc.constantFrom(...Object.values(passes)), { maxLength: 6 }),
      fc.nat(),
      (graph, some, seed) => {
        some.reduce((g, pass) => expectSame(g, pass, seed), graph);
      },
    ),
  ));

test('what is optimised stays as it is when it is optimised again', () =>
  fc.assert(
    fc.property(programs(), graph => {
      const once = optimise(graph);
      expect(print(optimise(once))).toBe(print(once));
    }),
  ));
