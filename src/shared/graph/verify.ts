/** @file What a legal graph is. Run between passes in tests, and once on every graph before an engine lowers it. */
import { print } from './print.ts';
import { sameShape, showShape } from './shape.ts';
import { type Graph, type Item, type Scan, type Tensor, topological } from './tensor.ts';

/** Checks that every node's shape is what its primitive says, that no input is unbound, and that scans fit their bodies.
 *  @throws RangeError saying what is wrong where, with the whole graph printed below. */
export function verify(graph: Graph): Graph {
  const bound = new Set<Tensor>(graph.inputs);
  const scans = new Set<Scan>();
  for (const t of topological(graph.outputs)) {
    const fault = faultOf(t, bound);
    if (fault !== undefined) throw new RangeError(`illegal graph: ${fault}\n${print(graph)}`);
    if (t.kind === 'item' && !scans.has(t.scan)) {
      scans.add(t.scan);
      verify(t.scan.body);
    }
  }
  return graph;
}

function faultOf(t: Tensor, bound: ReadonlySet<Tensor>): string | undefined {
  if (t.kind === 'input')
    return bound.has(t) ? undefined : `input ${t.name} ${showShape(t.shape)} is unbound`;
  if (t.kind === 'item') return scanFault(t);
  if (t.kind === 'constant') return undefined;
  const shape = t.primitive.shape(
    t.inputs.map(o => o.shape),
    t.params,
  );
  return sameShape(shape, t.shape)
    ? undefined
    : `${t.primitive.op} says ${showShape(shape)}, its node ${showShape(t.shape)}`;
}

function scanFault({ scan, index, shape }: Item): string | undefined {
  const { body, captured, init, scanned, length } = scan;
  const given = [...captured, ...init, ...scanned].map((t, i) =>
    i < captured.length + init.length ? t.shape : t.shape.slice(1),
  );
  if (given.length !== body.inputs.length)
    return `a scan gives its body ${given.length} values, it takes ${body.inputs.length}`;
  const wrong = body.inputs.findIndex((t, i) => !sameShape(t.shape, given[i]!));
  if (wrong >= 0)
    return `a scan gives ${showShape(given[wrong]!)} for ${body.inputs[wrong]!.name} ${showShape(body.inputs[wrong]!.shape)}`;
  if (scanned.some(t => t.shape[0] !== length))
    return `a scan of length ${length} has a scanned tensor of another length`;
  if (init.some((t, i) => !sameShape(t.shape, body.outputs[i]!.shape)))
    return 'a carried value changes its shape';
  const result = body.outputs[index]!.shape;
  const expected = index < init.length ? result : [length, ...result];
  return sameShape(shape, expected)
    ? undefined
    : `result ${index} of a scan has ${showShape(expected)}, its node ${showShape(shape)}`;
}
