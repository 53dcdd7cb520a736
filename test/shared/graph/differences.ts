/** @file Derivatives against central differences, to any order, along random directions. */
import { expect } from 'vitest';
import { evaluate, type Graph, input, print, verify, vjp } from '../../../src/shared/graph/index.ts';
import { type Stream, stream } from '../../../src/shared/random/index.ts';
import { draw, drawInputs, inner, type Range } from './values.ts';

/** Half the distance over which differences are taken: their error, h²·f‴/6, and rounding, 1e-16·f/h, are then about equal. */
const h = 1e-5;

/** (f(x + h·u) − f(x − h·u))/2h for each output: J·u. */
export function centralDifference(
  f: (x: readonly Float64Array[]) => readonly Float64Array[],
  x: readonly Float64Array[],
  u: readonly Float64Array[],
): Float64Array[] {
  const moved = (by: number): Float64Array[] =>
    x.map((values, i) => values.map((value, n) => value + by * u[i]![n]!));
  const [above, below] = [f(moved(h)), f(moved(-h))];
  return above.map((values, i) => values.map((value, n) => (value - below[i]![n]!) / (2 * h)));
}

/** The graph's vjp: its inputs, then the outputs' cotangents, to the inputs' cotangents. */
export function pulledBack(graph: Graph): Graph {
  const cotangents = graph.outputs.map((t, i) => input(`v${graph.inputs.length + i}`, t.shape));
  return verify({
    inputs: [...graph.inputs, ...cotangents],
    outputs: vjp(graph.outputs, cotangents, graph.inputs),
  });
}

/** Checks ⟨v, J·u⟩ = ⟨Jᵀ·v, u⟩ for random v and u, J·u by central differences; then, for order 2, the same of the function (x, v) ↦ Jᵀ·v. */
export function expectVjp(
  { graph, ranges }: { graph: Graph; ranges?: readonly Range[] },
  seed: number,
  { order, tolerance = 1e-6 }: { order: number; tolerance?: number },
): void {
  expectOrders(graph, drawInputs(graph, seed, ranges), stream(seed, 'images'), order, tolerance);
}

function expectOrders(
  graph: Graph,
  x: Float64Array[],
  random: Stream,
  order: number,
  tolerance: number,
): void {
  const pulled = pulledBack(graph);
  const v = graph.outputs.map(t => draw(random, t.shape));
  const u = graph.inputs.map(t => draw(random, t.shape));
  const along = inner(
    v,
    centralDifference(moved => evaluate(graph, moved), x, u),
  );
  const back = inner(evaluate(pulled, [...x, ...v]), u);
  const scale = Math.max(along.magnitude, back.magnitude, 1e-3);
  expect(Math.abs(along.product - back.product) / scale, print(pulled)).toBeLessThan(tolerance);
  if (order > 1) expectOrders(pulled, [...x, ...v], random, order - 1, tolerance);
}
