import fc from 'fast-check';
import { test as base, beforeAll, describe, expect, vi } from 'vitest';
import { stepOutputs } from '../../src/shared/distillation/index.ts';
import {
  type Apply,
  add,
  evaluate,
  type Graph,
  input,
  mul,
  print,
  scalar,
  type Tensor,
  topological,
} from '../../src/shared/graph/index.ts';
import type { Engine, EngineName, TfjsBackend } from '../../src/worker/engines/engine.ts';
import { loadEngine } from '../../src/worker/engines/index.ts';
import { hasTfjsNative } from '../fixtures/tfjsNative.ts';
import { problems, rangesOf, stepOf } from '../shared/distillation/problems.ts';
import { cases } from '../shared/graph/cases.ts';
import { pulledBack } from '../shared/graph/differences.ts';
import { programs } from '../shared/graph/programs.ts';
import { drawInputs, expectClose, type Range, relativeDistance } from '../shared/graph/values.ts';
import { largeInputs, largeProblems, largeStep } from './steps.ts';

/** How far from float64 an engine may be, beside values of size 1; a new engine does not compile without its row. */
const tolerances: { readonly [E in EngineName]: number } = {
  reference: 0,
  native: 1e-5,
  onnx: 1e-5,
  tfjs: 1e-5,
};

const backends: { readonly [B in TfjsBackend]: { readonly skip: boolean } } = {
  tensorflow: { skip: !hasTfjsNative },
  wasm: { skip: false },
  cpu: { skip: false },
};

interface Row {
  readonly title: string;
  readonly name: EngineName;
  readonly backend?: TfjsBackend;
  readonly skip: boolean;
}

/** Each engine, on each of its backends. */
const engines = (Object.keys(tolerances) as EngineName[]).flatMap((name): Row[] =>
  name === 'tfjs'
    ? (Object.keys(backends) as TfjsBackend[]).map(backend => ({
        title: `${name} ${backend}`,
        name,
        backend,
        ...backends[backend],
      }))
    : [{ title: name, name, skip: false }],
);

/** Loss and gradients of the large problems in float64: slow, and the same for all engines. */
const exactResults = new Map<string, Float64Array[]>();
function exactOf(title: string, graph: Graph, values: readonly Float32Array[]): Float64Array[] {
  const exact =
    exactResults.get(title) ??
    evaluate(
      graph,
      values.map(v => Float64Array.from(v)),
    );
  exactResults.set(title, exact);
  return exact;
}

/** Runs `graph` by `engine` on float32 values and checks all outputs against the primitives' own meaning. */
async function expectMeaning(
  engine: Engine,
  graph: Graph,
  seed: number,
  ranges?: readonly Range[],
): Promise<void> {
  const values = drawInputs(graph, seed, ranges).map(v => Float32Array.from(v));
  const exact = values.map(v => Float64Array.from(v));
  const { results, largest } = meaningOf(graph, exact);
  const actual = await (await engine.compile(graph)).run(values);
  expectClose(actual, results, tolerances[engine.name] * Math.max(1, largest), print(graph));
}

/** What a graph means, and the largest magnitude of any number on the way there, inside loops too: what cancels is off by as much as it was large. */
function meaningOf(
  graph: Graph,
  inputs: readonly Float64Array[],
): { results: Float64Array[]; largest: number } {
  let largest = 0;
  const watched = [...primitivesOf(graph.outputs)].map(primitive => {
    const own = primitive.reference;
    return vi.spyOn(primitive, 'reference').mockImplementation((...given) => {
      const made = own(...given);
      largest = made.reduce((most, value) => Math.max(most, Math.abs(value)), largest);
      return made;
    });
  });
  try {
    return { results: evaluate(graph, inputs), largest };
  } finally {
    for (const spy of watched) spy.mockRestore();
  }
}

/** All primitives of a graph, those of its loops too. */
const primitivesOf = (outputs: readonly Tensor[]): Set<Apply['primitive']> =>
  new Set(
    topological(outputs).flatMap(t =>
      t.kind === 'apply'
        ? [(t as Apply).primitive]
        : t.kind === 'item'
          ? [...primitivesOf(t.scan.body.outputs)]
          : [],
    ),
  );

describe.each(engines)('$title', ({ name, backend, skip }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (!skip) engine = await loadEngine(name, backend);
  });
  const test = base.skipIf(skip);

  test('says its name and version', () => {
    expect(engine.name).toBe(name);
    expect(engine.version).toMatch(/\d/);
  });

  test.each(Object.entries(cases))(
    '%s means what the primitive says, and so do its first and second derivative',
    (_, arbitrary) =>
      fc.assert(
        fc.asyncProperty(arbitrary, fc.nat(), async ({ graph, ranges }, seed) => {
          const first = pulledBack(graph);
          for (const g of [graph, first, pulledBack(first)]) await expectMeaning(engine, g, seed, ranges);
        }),
        { numRuns: 20 },
      ),
  );

  test('random graphs, with loops and loops in loops, mean the same', () =>
    fc.assert(
      fc.asyncProperty(programs(), fc.nat(), (graph, seed) => expectMeaning(engine, graph, seed)),
      { numRuns: 150 },
    ));

  test.each(Object.entries(problems))('a small distillation step: %s', (_, problem) =>
    expectMeaning(engine, stepOf(problem), 1, rangesOf(stepOf(problem), problem.weights)),
  );

  test.each(Object.entries(largeProblems))(
    'loss and gradients of %s are within 1e-4 of float64',
    async (title, problem) => {
      const graph = largeStep(problem);
      const values = largeInputs(problem, 1);
      const exact = exactOf(title, graph, values);
      const actual = await (await engine.compile(graph)).run(values);
      exact.forEach((values, i) =>
        expect(relativeDistance(actual[i]!, values), stepOutputs[i]).toBeLessThan(1e-4),
      );
    },
  );

  describe('a compiled graph', () => {
    const [a, b] = [input('a', [2]), input('b', [2])];
    const graph = { inputs: [b, a], outputs: [add(mul(scalar(10), a), b), a, scalar(3), a] };

    test('takes inputs in the graph’s order, views and float64 too, and gives outputs in its order', async () => {
      const compiled = await engine.compile(graph);
      const view = Float32Array.of(9, 9, 1, 2, 9).subarray(2, 4);
      const outputs = await compiled.run([Float64Array.of(3, 4), view]);
      expect(outputs.map(values => [...values])).toEqual([[13, 24], [1, 2], [3], [1, 2]]);
    });

    test('gives new arrays each time, of the same bytes for the same inputs', async () => {
      const problem = problems['conv, N = 3, one η̃, T = 3']!;
      const compiled = await engine.compile(stepOf(problem));
      const values = drawInputs(stepOf(problem), 2, rangesOf(stepOf(problem)));
      const first = await compiled.run(values);
      const kept = first.map(v => v.slice());
      await compiled.run(values.map(v => v.map(x => x + 0.1)));
      expect(first).toEqual(kept);
      expect(await compiled.run(values)).toEqual(kept);
      expect(await (await engine.compile(stepOf(problem))).run(values)).toEqual(kept);
    });

    test('gives the same in room that is left for it', async () => {
      const compiled = await engine.compile(graph);
      const inputs = [Float32Array.of(3, 4), Float32Array.of(1, 2)];
      const room = [2, 2, 1, 2].map(size => new Float32Array(size).fill(Number.NaN));
      const outputs = await compiled.run(inputs, room);
      expect(outputs.map(values => [...values])).toEqual([[13, 24], [1, 2], [3], [1, 2]]);
    });

    test('does not come of an illegal graph', async () => {
      await expect(engine.compile({ inputs: [a], outputs: [b] })).rejects.toThrow('input b (2) is unbound');
    });
  });
});
