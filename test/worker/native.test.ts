import { expect, test } from 'vitest';
import { addon, type InstructionSet } from '../../src/worker/engines/native/addon.ts';
import { nativeOn } from '../../src/worker/engines/native/index.ts';
import { problems, rangesOf, stepOf } from '../shared/distillation/problems.ts';
import { drawInputs } from '../shared/graph/values.ts';
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

test('refuses an input of another length, and says which', async () => {
  const { graph, inputs } = cases[0]!;
  const compiled = await nativeOn(addon.instructionSets()[0]!).compile(graph);
  const wrong = inputs.map((v, i) => (i === 0 ? new Float32Array(1) : Float32Array.from(v)));
  await expect(compiled.run(wrong)).rejects.toThrow(
    `input weights: expected ${inputs[0]!.length} values, got 1`,
  );
});
