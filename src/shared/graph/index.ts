/** @file The typed graph: tensors with static shapes, primitives, loops, derivatives, passes. Read tensor.ts first, then vjp.ts. */
export { evaluate } from './evaluate.ts';
export { optimise, type Pass, passes, simplified } from './passes/index.ts';
export * from './primitives/index.ts';
export { print } from './print.ts';
export { frontier, scan, substitute } from './scan.ts';
export { type Shape, sameShape, showShape, sizeOf } from './shape.ts';
export {
  type Apply,
  constant,
  dependents,
  type Graph,
  type Input,
  type Item,
  input,
  isApply,
  type Op,
  operands,
  type ParamsOf,
  type Scan,
  scalar,
  scalarValue,
  type Tensor,
  topological,
} from './tensor.ts';
export { verify } from './verify.ts';
export { gradient, vjp } from './vjp.ts';
