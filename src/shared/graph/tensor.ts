/** @file What a graph is made of: immutable nodes with static shapes. A graph is a directed acyclic graph of them, read from its outputs.
 *  Knows no particular primitive: a node carries its primitive's record. */
import { type Shape, showShape } from './shape.ts';

/** Parameters of each primitive: all that is not a tensor. Its keys are the names of all primitives. */
export interface ParamsOf {
  add: object;
  sub: object;
  mul: object;
  div: object;
  neg: object;
  exp: object;
  log: object;
  tanh: object;
  sqrt: object;
  softplus: object;
  relu: object;
  greater: object;
  logSoftmax: object;
  /** Sums over `axes`, which stay with size 1. */
  sum: { readonly axes: readonly number[] };
  /** The largest over `axes`, which stay with size 1. */
  max: { readonly axes: readonly number[] };
  expand: { readonly shape: Shape };
  reshape: { readonly shape: Shape };
  transpose: { readonly perm: readonly number[] };
  slice: { readonly starts: readonly number[]; readonly sizes: readonly number[] };
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  matmul: MatmulParams;
  gemm: MatmulParams & { readonly alpha: number };
  patches: PatchParams;
  fold: PatchParams & { readonly height: number; readonly width: number };
}

export interface MatmulParams {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Window height and width, and the step between windows, in pixels. */
export interface PatchParams {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
}

/** Names of the primitives. */
export type Op = keyof ParamsOf;

/** A dense row-major array of float64: what the meaning of a primitive takes and gives. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** One primitive: everything about it but how an engine runs it. */
export interface Primitive<P extends Op = Op> {
  readonly op: P;
  /** Shape of the result. @throws RangeError when the operands do not fit. */
  shape(inputs: readonly Shape[], params: ParamsOf[P]): Shape;
  /** Cotangents of the inputs, written in primitives, given g, the cotangent of the output y. One per input, possibly in a shape to which the
   *  input broadcasts: the walk sums it back. */
  vjp(g: Tensor, inputs: readonly Tensor[], y: Tensor, params: ParamsOf[P]): readonly Tensor[];
  /** The result in float64: the primitive's meaning, written for clearness. */
  reference(inputs: readonly Values[], params: ParamsOf[P], shape: Shape): Float64Array;
}

/** A value that is given when the graph runs, or a loop variable of a scan's body. */
export interface Input {
  readonly kind: 'input';
  readonly name: string;
  readonly shape: Shape;
}

export interface Constant {
  readonly kind: 'constant';
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A primitive applied to operands. */
export interface Apply<P extends Op = Op> {
  readonly kind: 'apply';
  readonly primitive: Primitive<P>;
  readonly inputs: readonly Tensor[];
  readonly params: ParamsOf[P];
  readonly shape: Shape;
}

/** A loop with a fixed number of iterations. `body` takes, in this order, `captured` (the same in each iteration), the carried values and one
 *  slice of each scanned tensor; it gives the next carried values, then values that are stacked over the iterations. */
export interface Scan {
  readonly kind: 'scan';
  readonly length: number;
  /** True: iterates from the last slice to the first; stacked results keep the order of the slices. */
  readonly reverse: boolean;
  readonly body: Graph;
  readonly captured: readonly Tensor[];
  readonly init: readonly Tensor[];
  readonly scanned: readonly Tensor[];
}

/** One result of a scan: a last carried value, or a stack (length, …). */
export interface Item {
  readonly kind: 'item';
  readonly scan: Scan;
  readonly index: number;
  readonly shape: Shape;
}

export type Tensor = Input | Constant | Apply | Item;

/** A function: outputs of `outputs` for values of `inputs`. */
export interface Graph {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Tensor[];
}

export const input = (name: string, shape: Shape): Input => ({ kind: 'input', name, shape });

/** A constant with the given row-major values. @throws RangeError when their number is not the shape's. */
export function constant(data: Float64Array | readonly number[], shape: Shape): Constant {
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size)
    throw new RangeError(`constant of shape ${showShape(shape)} got ${data.length} values`);
  return { kind: 'constant', shape, data: Float64Array.from(data) };
}

/** A scalar constant. */
export const scalar = (value: number): Constant => constant([value], []);

/** The value of a scalar (or one-element) constant, else undefined. */
export const scalarValue = (t: Tensor): number | undefined =>
  t.kind === 'constant' && t.data.length === 1 ? t.data[0] : undefined;

export const isApply = <P extends Op>(t: Tensor, op: P): t is Apply<P> =>
  t.kind === 'apply' && (t.primitive.op as Op) === op;

/** All tensors that `t` is computed from directly. */
export function operands(t: Tensor): readonly Tensor[] {
  if (t.kind === 'apply') return t.inputs;
  if (t.kind === 'item') return [...t.scan.captured, ...t.scan.init, ...t.scan.scanned];
  return [];
}

/** All tensors that `outputs` are computed from, operands first, each once. */
export function topological(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { t: Tensor; expanded: boolean }[] = [...outputs].reverse().map(t => ({ t, expanded: false }));
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top.expanded) order.push(top.t);
    else if (!seen.has(top.t)) {
      seen.add(top.t);
      stack.push({ t: top.t, expanded: true });
      for (const o of [...operands(top.t)].reverse()) if (!seen.has(o)) stack.push({ t: o, expanded: false });
    }
  }
  return order;
}

/** The subset of `order` (from `topological`) that depends on any of `roots`, the roots included. */
export function dependents(order: readonly Tensor[], roots: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>(roots);
  for (const t of order) if (operands(t).some(o => found.has(o))) found.add(t);
  return found;
}
