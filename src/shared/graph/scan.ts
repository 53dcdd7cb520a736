/** @file The loop of a graph. Its body is written as a plain function; what the body computes from outside values alone is found here and
 *  computed once, before the loop: only results that depend on the loop's own variables stay inside. */
import { type Shape, sameShape, showShape } from './shape.ts';
import {
  dependents,
  type Graph,
  type Input,
  type Item,
  input,
  operands,
  type Scan,
  type Tensor,
  topological,
} from './tensor.ts';

export interface ScanOptions {
  readonly length: number;
  readonly reverse?: boolean;
  /** Values before the first iteration. */
  readonly init: readonly Tensor[];
  /** Tensors (length, …) of which iteration k sees slice k. */
  readonly scanned?: readonly Tensor[];
}

/** What the body gives: next carried values, shaped as `init`, and values to be stacked. */
export interface Iteration {
  readonly carried: readonly Tensor[];
  readonly stacked?: readonly Tensor[];
}

/** Last carried values, and stacks (length, …). */
export interface ScanResult {
  readonly carried: readonly Item[];
  readonly stacked: readonly Item[];
}

/** Runs `body` `length` times over carried values and slices.
 *  @throws RangeError when a scanned tensor has another length, or carried values change their number or shape. */
export function scan(
  { length, reverse = false, init, scanned = [] }: ScanOptions,
  body: (carried: readonly Input[], slices: readonly Input[]) => Iteration,
): ScanResult {
  for (const t of scanned)
    if (t.shape[0] !== length) throw new RangeError(`scan: ${showShape(t.shape)} has not ${length} slices`);
  const carried = init.map((t, i) => input(`carried${i}`, t.shape));
  const slices = scanned.map((t, i) => input(`slice${i}`, t.shape.slice(1)));
  const result = body(carried, slices);
  if (result.carried.length !== init.length)
    throw new RangeError(`scan: ${init.length} carried values go in, ${result.carried.length} come out`);
  result.carried.forEach((t, i) => {
    if (!sameShape(t.shape, init[i]!.shape))
      throw new RangeError(
        `scan: carried value ${i} goes from ${showShape(init[i]!.shape)} to ${showShape(t.shape)}`,
      );
  });
  const closed = close([...carried, ...slices], [...result.carried, ...(result.stacked ?? [])]);
  return items({
    kind: 'scan',
    length,
    reverse,
    body: closed.body,
    captured: closed.captured,
    init,
    scanned,
  });
}

/** The results of a scan node, carried ones first. */
export function items(node: Scan): ScanResult {
  const item = (shape: Shape, index: number): Item => ({ kind: 'item', scan: node, index, shape });
  const carriedCount = node.init.length;
  return {
    carried: node.init.map((t, i) => item(t.shape, i)),
    stacked: node.body.outputs
      .slice(carriedCount)
      .map((t, i) => item([node.length, ...t.shape], carriedCount + i)),
  };
}

/** The tensors that `outputs` use but that do not depend on `variables`: where a body meets the outside. Constants are not counted, they go anywhere. */
export function frontier(variables: readonly Input[], outputs: readonly Tensor[]): Tensor[] {
  const order = topological(outputs);
  const inside = dependents(order, variables);
  const captured = new Set<Tensor>();
  for (const t of order)
    if (inside.has(t))
      for (const o of operands(t)) if (!inside.has(o) && o.kind !== 'constant') captured.add(o);
  for (const t of outputs) if (!inside.has(t) && t.kind !== 'constant') captured.add(t);
  return [...captured];
}

/** Makes a body that stands alone: each captured outside tensor becomes an input of its own. */
function close(
  variables: readonly Input[],
  outputs: readonly Tensor[],
): { body: Graph; captured: readonly Tensor[] } {
  const captured = frontier(variables, outputs);
  const stand = captured.map((t, i) => input(`captured${i}`, t.shape));
  const replaced = substitute(outputs, new Map<Tensor, Tensor>(captured.map((t, i) => [t, stand[i]!])));
  return { body: { inputs: [...stand, ...variables], outputs: replaced }, captured };
}

/** `outputs` computed anew with some tensors replaced. Nodes that depend on none of them are kept as they are. */
export function substitute(outputs: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  const done = new Map<Tensor, Tensor>(replacements);
  const scans = new Map<Scan, Scan>();
  for (const t of topological(outputs))
    if (!done.has(t))
      done.set(
        t,
        rebuild(t, o => done.get(o)!, scans),
      );
  return outputs.map(t => done.get(t)!);
}

/** `t` over new operands; itself when none has changed. `scans` keeps one new scan for all items of an old one. */
export function rebuild(t: Tensor, map: (t: Tensor) => Tensor, scans: Map<Scan, Scan>): Tensor {
  if (t.kind === 'apply') {
    const inputs = t.inputs.map(map);
    return inputs.every((x, i) => x === t.inputs[i]) ? t : { ...t, inputs };
  }
  if (t.kind === 'item') {
    const known = scans.get(t.scan);
    const moved = known ?? moveScan(t.scan, map);
    scans.set(t.scan, moved);
    return moved === t.scan ? t : { ...t, scan: moved };
  }
  return t;
}

function moveScan(node: Scan, map: (t: Tensor) => Tensor): Scan {
  const moved = {
    ...node,
    captured: node.captured.map(map),
    init: node.init.map(map),
    scanned: node.scanned.map(map),
  };
  const same = (a: readonly Tensor[], b: readonly Tensor[]): boolean => a.every((t, i) => t === b[i]);
  const unchanged =
    same(moved.captured, node.captured) && same(moved.init, node.init) && same(moved.scanned, node.scanned);
  return unchanged ? node : moved;
}
