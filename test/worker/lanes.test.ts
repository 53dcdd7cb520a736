/** Several sets of inputs in one call of the native engine: each one's results are the bytes that it has alone. */
import { expect, test } from 'vitest';
import {
  type Graph,
  gemm,
  input,
  logSoftmax,
  matmul,
  max,
  mul,
  neg,
  scan,
  sizeOf,
  sum,
  tanh,
} from '../../src/shared/graph/index.ts';
import { addon } from '../../src/worker/engines/native/addon.ts';
import { nativeOn, planned, plannedLanes } from '../../src/worker/engines/native/index.ts';
import type { Instruction } from '../../src/worker/engines/native/instructions.ts';
import { drawStep, problems, stepOf } from '../shared/distillation/problems.ts';
import { drawInputs } from '../shared/graph/values.ts';
import { largeInputs, largeProblems, largeStep } from './steps.ts';

type Values = readonly Float32Array[];

const ofMember: ReadonlySet<string> = new Set(['weights', 'select']);

const f32 = (values: readonly ArrayLike<number>[]): Values => values.map(v => Float32Array.from(v));

const bytes = (values: ArrayLike<number>): string =>
  Buffer.from(Float32Array.from(values).buffer).toString('base64');

/** Runs `graph` on `sets` of values in one call and one by one; inputs that are not in `own` are those of the first set. */
async function expectEachAsAlone(
  graph: Graph,
  sets: readonly Values[],
  own: ReadonlySet<string>,
): Promise<void> {
  const all = graph.inputs.map(({ name }, i) =>
    own.has(name) ? Float32Array.from(sets.flatMap(set => [...set[i]!])) : sets[0]![i]!,
  );
  for (const set of addon.instructionSets()) {
    const engine = nativeOn(set);
    const together = await (await engine.compileLanes!(graph, sets.length, own)).run(all);
    const alone = await engine.compile(graph);
    for (const [lane, values] of sets.entries()) {
      const given = graph.inputs.map(({ name }, i) => (own.has(name) ? values : sets[0]!)[i]!);
      const results = await alone.run(given);
      graph.outputs.forEach(({ shape }, i) => {
        const size = sizeOf(shape);
        const part = together[i]!.subarray(lane * size, (lane + 1) * size);
        expect(bytes(part), `output ${i} of ${lane} on ${set}`).toBe(bytes(results[i]!));
      });
    }
  }
}

const setsOf = (lanes: number, values: (seed: number) => readonly ArrayLike<number>[]): Values[] =>
  Array.from({ length: lanes }, (_, lane) => f32(values(lane + 1)));

test.each(Object.entries(problems))('members of a small problem: %s', async (name, problem) => {
  const graph = stepOf(problem);
  for (const lanes of name.startsWith('logreg') ? [1, 2, 3, 8] : [3]) {
    const sets = setsOf(lanes, seed => drawStep(graph, seed, problem.weights));
    await expectEachAsAlone(graph, sets, ofMember);
  }
});

test.each(Object.entries(largeProblems))('members of a large problem: %s', async (name, problem) => {
  const sets = setsOf(name.startsWith('logreg') ? 8 : 2, seed => largeInputs(problem, seed));
  await expectEachAsAlone(largeStep(problem), sets, ofMember);
});

/** All choices of some of `names`. */
const choices = (names: readonly string[]): Set<string>[] =>
  Array.from({ length: 2 ** names.length }, (_, bits) => new Set(names.filter((_, i) => (bits >> i) & 1)));

/** Each choice of inputs that the sets have for themselves. */
async function expectAllChoices(graph: Graph): Promise<void> {
  for (const own of choices(graph.inputs.map(({ name }) => name)))
    await expectEachAsAlone(
      graph,
      setsOf(7, seed => drawInputs(graph, seed)),
      own,
    );
}

const [x2, x3] = [input('x', [7, 49, 10]), input('x', [3, 700])];
const oneSum = (size: number): Graph => {
  const x = input('x', [size]);
  return { inputs: [x], outputs: [sum(tanh(x), [0]), max(x, [0])] };
};
const sums: Record<string, Graph> = {
  'one sum of few': oneSum(20),
  'one sum of several': oneSum(70),
  'one sum of a chunk': oneSum(512),
  'one long sum': { inputs: [x3], outputs: [sum(neg(x3), [0, 1])] },
  'sums of rows and columns': {
    inputs: [x2],
    outputs: [[2], [1], [0], [0, 1], [1, 2], [0, 1, 2]].map(axes => sum(neg(x2), axes)),
  },
  'sums of rows, the last of which is a chunk alone': (() => {
    const x = input('x', [97, 10]);
    const scale = input('scale', [97, 10]);
    return { inputs: [x, scale], outputs: [sum(mul(x, scale), [1])] };
  })(),
  'a single number': (() => {
    const x = input('x', []);
    return { inputs: [x], outputs: [sum(tanh(x), [])] };
  })(),
  'log-softmax, of rows as they lie and turned': (() => {
    const [x, y] = [input('x', [5, 7]), input('y', [7, 5])];
    const turned = matmul(x, y);
    return { inputs: [x, y], outputs: [logSoftmax(x), logSoftmax(turned), sum(logSoftmax(turned), [1])] };
  })(),
  'what a loop passes on and stacks, beside what is common': (() => {
    const [x, y] = [input('x', [3, 4]), input('y', [4, 4])];
    const { carried, stacked } = scan({ length: 3, init: [x] }, ([c]) => {
      const next = tanh(matmul(c!, y));
      return { carried: [next], stacked: [sum(next, [0]), sum(next, [0, 1])] };
    });
    return { inputs: [x, y], outputs: [...carried, ...stacked] };
  })(),
};

test.each(Object.entries(sums))('%s, whatever is common', (_, graph) => expectAllChoices(graph));

test.each([
  [10, 10, 10],
  [1, 1, 1],
  [1, 40, 20],
  [4, 9, 800], // as inner products
  [40, 6, 400], // in two panels, turned
])('products %i × %i over %i, whatever is common', async (m, n, k) => {
  const [a, b] = [input('a', [m, k]), input('b', [n, k])];
  for (const shape of [[m, n], [n], [m, 1]]) {
    const c = input('c', shape);
    await expectAllChoices({
      inputs: [a, b, c],
      outputs: [gemm(a, b, c, { transposeA: false, transposeB: true, alpha: -1 })],
    });
  }
});

/** How many instructions there are of each kind, those in loops too. */
const counts = (list: readonly Instruction[], product: string): number =>
  list.reduce((n, i) => {
    if (i.kind === 'loop') return n + counts(i.body, product);
    return n + +(i.kind === 'product' && `${i.m}×${i.n}×${i.k}` === product);
  }, 0);

test('what depends on common inputs alone is computed once, and products with the batch for all lanes at once', () => {
  const graph = largeStep(largeProblems['logreg, 28×28, N = 10']!);
  const [one, all] = [planned(graph), plannedLanes(graph, 8, ofMember)].map(p => p.instructions);
  const common = (list: readonly Instruction[]): number => counts(list, '10×10×784');
  expect(common(one!)).toBe(3); // X·Xᵀ, and with w_0 and ∂l/∂w_N
  expect(common(all!)).toBe(1 + 2 * 8);
  expect([counts(one!, '10×256×784'), counts(all!, '80×256×784')]).toEqual([1, 1]);
  expect([counts(one!, '10×784×256'), counts(all!, '80×784×256')]).toEqual([1, 1]);
});
