/** @file How a primitive becomes a function that builds nodes. */
import type { Op, ParamsOf, Primitive, Tensor } from '../tensor.ts';

/** A builder: called with tensors and parameters it makes a node; it carries its primitive's record. */
export type Builder<P extends Op, Args extends readonly unknown[]> = ((...args: Args) => Tensor) & {
  readonly primitive: Primitive<P>;
};
export type Unary<P extends Op = Op> = Builder<P, [x: Tensor]>;
export type Binary<P extends Op = Op> = Builder<P, [a: Tensor, b: Tensor]>;

/** Makes a node of `primitive`; the shape is checked here, so an illegal node does not exist. @throws RangeError naming primitive and shapes. */
export function apply<P extends Op>(
  primitive: Primitive<P>,
  inputs: readonly Tensor[],
  params: ParamsOf[P],
): Tensor {
  let shape: readonly number[];
  try {
    shape = primitive.shape(
      inputs.map(t => t.shape),
      params,
    );
  } catch (error) {
    throw new RangeError(`${primitive.op}: ${(error as Error).message}`, { cause: error });
  }
  // The node type is a union over ops; a generic P is one member of it, which the compiler can't see.
  return { kind: 'apply', primitive, inputs, params, shape } as unknown as Tensor;
}

/** Declares a primitive whose builder takes `args`, split into operands and parameters by `read`. */
export function primitive<P extends Op, Args extends readonly unknown[]>(
  op: P,
  read: (...args: Args) => readonly [readonly Tensor[], ParamsOf[P]],
  record: Omit<Primitive<P>, 'op'>,
): Builder<P, Args> {
  const complete: Primitive<P> = { op, ...record };
  return Object.assign((...args: Args) => apply(complete, ...read(...args)), { primitive: complete });
}
