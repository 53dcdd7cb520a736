/** @file A graph as an ONNX model. Pure: graph in, bytes out. Scans become Scan operators whose bodies see outside values by name. */
import {
  type Apply,
  type Graph,
  type Item,
  optimise,
  type Scan,
  type Tensor,
  topological,
  verify,
} from '../../../shared/graph/index.ts';
import { type Lower, lowerings } from './primitives.ts';
import { graph as graphProto, modelBytes, node, type Port } from './proto.ts';
import { Model, Scope } from './scope.ts';

/** The model file of `graph`, optimised. Inputs are named as in the graph, outputs `output0`, `output1`, … */
export function lower(graph: Graph): Uint8Array {
  const optimised = verify(optimise(graph));
  const model = new Model();
  const scope = new Scope(model);
  const names = new Map<Tensor, string>(optimised.inputs.map(t => [t, t.name]));
  const outputs = lowerScope(scope, optimised.outputs, names);
  const ports = optimised.outputs.map((t, i): Port => [`output${i}`, t.shape]);
  outputs.forEach((name, i) => scope.nodes.push(node('Identity', [name], [`output${i}`])));
  const inputs = optimised.inputs.map((t): Port => [t.name, t.shape]);
  return modelBytes(graphProto('step', inputs, ports, scope.nodes, model.initializers));
}

/** Emits what `outputs` need and gives their names. */
function lowerScope(scope: Scope, outputs: readonly Tensor[], names: Map<Tensor, string>): string[] {
  const loops = new Map<Scan, string[]>();
  for (const t of topological(outputs)) if (!names.has(t)) names.set(t, lowerNode(scope, t, names, loops));
  return outputs.map(t => names.get(t)!);
}

function lowerNode(scope: Scope, t: Tensor, names: Map<Tensor, string>, loops: Map<Scan, string[]>): string {
  if (t.kind === 'constant') return scope.model.floats(t.shape, t.data);
  if (t.kind === 'input') throw new RangeError(`input ${t.name} is unbound`);
  if (t.kind === 'item') return lowerItem(scope, t, names, loops);
  const lowering = lowerings[t.primitive.op] as Lower<typeof t.primitive.op>;
  return lowering(
    scope,
    t as Apply<never>,
    t.inputs.map(o => names.get(o)!),
  );
}

function lowerItem(
  scope: Scope,
  { scan, index }: Item,
  names: Map<Tensor, string>,
  loops: Map<Scan, string[]>,
): string {
  const known = loops.get(scan) ?? lowerScan(scope, scan, names);
  loops.set(scan, known);
  return known[index]!;
}

function lowerScan(outer: Scope, scan: Scan, names: ReadonlyMap<Tensor, string>): string[] {
  const { body, captured, init, scanned } = scan;
  const { model } = outer;
  const inner = new Map<Tensor, string>();
  captured.forEach((t, i) => inner.set(body.inputs[i]!, names.get(t)!));
  const variables = body.inputs.slice(captured.length);
  const inputs = variables.map((t): Port => [model.name(t.name), t.shape]);
  variables.forEach((t, i) => inner.set(t, inputs[i]![0]));
  const scope = new Scope(model);
  const results = lowerScope(scope, body.outputs, inner);
  const outputs = results.map((name, i): Port => [scope.emit('Identity', [name]), body.outputs[i]!.shape]);
  const directions = (count: number): number[] => new Array(count).fill(scan.reverse ? 1 : 0);
  return outer.emitAll(
    'Scan',
    [...init, ...scanned].map(t => names.get(t)!),
    outputs.length,
    {
      body: { graph: graphProto(model.name('body'), inputs, outputs, scope.nodes) },
      num_scan_inputs: scanned.length,
      scan_input_directions: directions(scanned.length),
      scan_output_directions: directions(outputs.length - init.length),
    },
  );
}
