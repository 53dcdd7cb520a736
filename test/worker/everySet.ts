/** @file A graph on the native engine, held against its meaning on each instruction set. */
import { evaluate, type Graph } from '../../src/shared/graph/index.ts';
import { addon } from '../../src/worker/engines/native/addon.ts';
import { nativeOn } from '../../src/worker/engines/native/index.ts';
import { drawInputs, expectClose } from '../shared/graph/values.ts';

/** Runs `graph` on values drawn by `seed` and checks that each element is within `tolerance` of float64. */
export async function expectRight(graph: Graph, seed: number, tolerance: number): Promise<void> {
  const values = drawInputs(graph, seed).map(v => Float32Array.from(v));
  const exact = evaluate(
    graph,
    values.map(v => Float64Array.from(v)),
  );
  for (const set of addon.instructionSets())
    expectClose(await (await nativeOn(set).compile(graph)).run(values), exact, tolerance, set);
}
