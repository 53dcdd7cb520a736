/** @file The meaning of a graph: every primitive's own float64 definition, one after the other. Slow, and right by reading. */
import { sizeOf } from './shape.ts';
import { type Graph, type Input, type Scan, type Tensor, topological, type Values } from './tensor.ts';

/** Values of the outputs, given those of the inputs in the graph's order. @throws RangeError when an input has not as many values as its shape. */
export function evaluate(graph: Graph, inputs: readonly Float64Array[]): Float64Array[] {
  graph.inputs.forEach((t, i) => {
    if (inputs[i]?.length !== sizeOf(t.shape))
      throw new RangeError(
        `input ${t.name}: expected ${sizeOf(t.shape)} values, got ${inputs[i]?.length ?? 'none'}`,
      );
  });
  const known = new Map<Tensor, Values>(
    graph.inputs.map((t, i) => [t, { shape: t.shape, data: inputs[i]! }]),
  );
  const scans = new Map<Scan, Float64Array[]>();
  const lookUp = (t: Tensor): Values => known.get(t) ?? missing(t);
  for (const t of topological(graph.outputs)) {
    if (known.has(t)) continue;
    if (t.kind === 'input') missing(t);
    known.set(t, { shape: t.shape, data: meaning(t as Exclude<Tensor, Input>, lookUp, scans) });
  }
  return graph.outputs.map(t => lookUp(t).data);
}

function meaning(
  t: Exclude<Tensor, Input>,
  lookUp: (t: Tensor) => Values,
  scans: Map<Scan, Float64Array[]>,
): Float64Array {
  if (t.kind === 'constant') return t.data;
  if (t.kind === 'apply') return t.primitive.reference(t.inputs.map(lookUp), t.params, t.shape);
  const results = scans.get(t.scan) ?? iterate(t.scan, o => lookUp(o).data);
  scans.set(t.scan, results);
  return results[t.index]!;
}

function iterate(node: Scan, lookUp: (t: Tensor) => Float64Array): Float64Array[] {
  const captured = node.captured.map(lookUp);
  const scanned = node.scanned.map(lookUp);
  let carried = node.init.map(lookUp);
  const stacks = node.body.outputs
    .slice(carried.length)
    .map(t => new Float64Array(node.length * sizeOf(t.shape)));
  for (let n = 0; n < node.length; n++) {
    const k = node.reverse ? node.length - 1 - n : n;
    const slices = scanned.map(data =>
      data.subarray((k * data.length) / node.length, ((k + 1) * data.length) / node.length),
    );
    const results = evaluate(node.body, [...captured, ...carried, ...slices]);
    carried = results.slice(0, carried.length);
    stacks.forEach((stack, i) => {
      stack.set(results[carried.length + i]!, (k * stack.length) / node.length);
    });
  }
  return [...carried, ...stacks];
}

function missing(t: Tensor): never {
  throw new RangeError(`input ${t.kind === 'input' ? t.name : t.kind} is not among the graph's inputs`);
}
