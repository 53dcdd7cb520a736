import { expect, test } from 'vitest';
import {
  exp,
  type Graph,
  input,
  matmul,
  mul,
  relu,
  reshape,
  scan,
  slice,
  softplus,
  sub,
  sum,
  type Tensor,
  tanh,
} from '../../src/shared/graph/index.ts';
import { addon, type InstructionSet } from '../../src/worker/engines/native/addon.ts';
import { nativeOn } from '../../src/worker/engines/native/index.ts';
import { problems, rangesOf, stepOf } from '../shared/distillation/problems.ts';
import { drawInputs } from '../shared/graph/values.ts';
import { expectRight } from './everySet.ts';
import { largeInputs, largeProblems, largeStep } from './steps.ts';

const cases = [
  ...Object.entries(problems).map(([name, problem]) => {
    const graph = stepOf(problem);
    return { name, graph, inputs: drawInputs(graph, 3, rangesOf(graph, problem.weights)) };
  }),
  ...Object.entries(largeProblems).map(([name, problem]) => ({
    name,
    graph: largeStep(problem),
    inputs: largeInputs(problem, 3),
  })),
];

/** Inner products over k in runs of 100, which no vector divides. */
const inRuns = (m: number, n: number, runs: number): Graph => {
  const [a, b] = [input('a', [m, runs, 128]), input('b', [n, runs, 128])];
  const cut = (t: Tensor): Tensor =>
    reshape(slice(t, [0, 0, 0], [t.shape[0]!, runs, 100]), [t.shape[0]!, runs * 100]);
  return { inputs: [a, b], outputs: [matmul(cut(a), cut(b), { transposeB: true })] };
};

const shapes: readonly [m: number, n: number, runs: number][] = [
  [10, 256, 8],
  [3, 7, 90],
  [80, 100, 20],
  [120, 125, 20],
];
cases.push(
  ...shapes.map(shape => {
    const graph = inRuns(...shape);
    return { name: `inner products ${shape.join(', ')}`, graph, inputs: drawInputs(graph, 5) };
  }),
);

test('is tried on every instruction set of this processor', () => {
  expect(addon.instructionSets().length).toBeGreaterThan(0);
  if (addon.instructionSets().length < 2)
    console.warn('!!! this processor has one instruction set: that all give the same bytes is not tried !!!');
});

test.each(cases)('the same bytes on all instruction sets: $name', async ({ graph, inputs }) => {
  const values = inputs.map(v => Float32Array.from(v));
  const on = async (set: InstructionSet) => (await nativeOn(set).compile(graph)).run(values);
  const [best, ...others] = await Promise.all(addon.instructionSets().map(on));
  for (const other of others) expect(other).toEqual(best);
});

test.each(addon.instructionSets())('functions at their ends on %s', async set => {
  const x = input('x', [9]);
  const graph = { inputs: [x], outputs: [tanh(x), exp(x), softplus(x), relu(x)] };
  const compiled = await nativeOn(set).compile(graph);
  const ends = [-Infinity, -1e6, -9.1, -0, 0, 9.1, 1e6, Infinity, Number.NaN];
  const results = await compiled.run([Float32Array.from(ends)]);
  for (const [i, f] of [
    Math.tanh,
    Math.exp,
    (v: number) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
    (v: number) => Math.max(v, 0),
  ].entries())
    ends.forEach((v, n) => {
      const expected = Math.fround(f(v));
      const found = results[i]![n]!;
      const off = Math.abs(found - expected) / Math.max(1e-30, Math.abs(expected));
      expect(
        Object.is(found + 0, expected + 0) || off < 1e-6,
        `${i} of ${v}: ${found}, expected ${expected}`,
      ).toBe(true);
    });
  expect([...results[0]!.slice(0, 3), ...results[0]!.slice(5, 8)]).toEqual([-1, -1, -1, 1, 1, 1]);
});

test('a map that reads a product and a sum over all of what went into it waits for the sum', async () => {
  const [a, x, y] = [input('a', [8, 8]), input('x', [8, 1024]), input('y', [8, 1024])];
  const made = mul(x, y);
  const graph = { inputs: [a, x, y], outputs: [tanh(sub(matmul(a, made), sum(made, [1])))] };
  await expectRight(graph, 4, 1e-4);
});

test('what a loop in a loop ends with is stacked by the outer one', async () => {
  const x = input('x', [3, 2]);
  for (const length of [2, 3]) {
    const inner = (from: Tensor): Tensor =>
      scan({ length, init: [from] }, ([carried]) => ({ carried: [tanh(carried!)] })).carried[0]!;
    const { stacked } = scan({ length: 2, reverse: true, init: [x] }, ([carried]) => {
      const last = inner(carried!);
      return { carried: [sub(last, x)], stacked: [last] };
    });
    await expectRight({ inputs: [x], outputs: stacked }, 5, 1e-6);
  }
});

test('refuses an input, or room for an output, of another length, and says which', async () => {
  const { graph, inputs } = cases[0]!;
  const compiled = await nativeOn(addon.instructionSets()[0]!).compile(graph);
  const wrong = inputs.map((v, i) => (i === 0 ? new Float32Array(1) : Float32Array.from(v)));
  await expect(compiled.run(wrong)).rejects.toThrow(
    `input weights: expected ${inputs[0]!.length} values, got 1`,
  );
  const values = inputs.map(v => Float32Array.from(v));
  await expect(compiled.run(values, [new Float32Array(2)])).rejects.toThrow(
    'room for output 0: expected 1 values, got 2',
  );
});
