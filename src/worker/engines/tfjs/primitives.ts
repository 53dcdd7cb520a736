/** @file The table of this engine: each primitive in tfjs kernels that all backends have and that mean the same on each. Total, so a new primitive does not compile without its
 *  lowering. */
import { type Apply, type Op, type Shape, sameShape, sizeOf } from '../../../shared/graph/index.ts';
import type { Slot } from './program.ts';
import type { Scope } from './scope.ts';
import { foldWindows, windowsOf } from './windows.ts';

/** Emits the calls of `t` whose operands lie in the slots `inputs`; gives the slot of the result. */
export type Lower<P extends Op> = (scope: Scope, t: Apply<P>, inputs: readonly Slot[]) => Slot;

const unary =
  (kernel: string): Lower<Op> =>
  (scope, _, [x]) =>
    scope.emit(kernel, { x: x! });

const binary =
  (kernel: string): Lower<Op> =>
  (scope, _, [a, b]) =>
    scope.emit(kernel, { a: a!, b: b! });

export const lowerings: { readonly [P in Op]: Lower<P> } = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Multiply'),
  div: binary('RealDiv'),
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  tanh: unary('Tanh'),
  sqrt: unary('Sqrt'),
  softplus: unary('Softplus'),
  relu: unary('Relu'),
  greater: (scope, t, inputs) =>
    scope.emit('Cast', { x: binary('Greater')(scope, t, inputs) }, { dtype: 'float32' }),
  logSoftmax: (scope, { shape }, [x]) => logSoftmax(scope, shape.length - 1, x!),
  sum: (scope, t, [x]) =>
    sumLeading(scope, t, x!) ?? scope.emit('Sum', { x: x! }, { axis: t.params.axes, keepDims: true }),
  max: (scope, { params }, [x]) =>
    scope.emit('Max', { x: x! }, { reductionIndices: params.axes, keepDims: true }),
  expand: (scope, { inputs, shape }, [x]) => stretched(scope, x!, inputs[0]!.shape, shape),
  reshape: (scope, { params }, [x]) => scope.reshape(x!, params.shape),
  transpose: (scope, { params }, [x]) => scope.emit('Transpose', { x: x! }, { perm: params.perm }),
  slice: (scope, { inputs, params: { starts, sizes } }, [x]) =>
    scope.block(x!, inputs[0]!.shape, starts, sizes),
  pad: (scope, { params: { before, after } }, [x]) => scope.pad(x!, before, after),
  concat: (scope, { params }, inputs) => scope.concat(inputs, params.axis),
  matmul: (scope, { params }, [a, b]) => product(scope, a!, b!, params),
  gemm: (scope, { params }, [a, b, c]) => {
    const ab = product(scope, a!, b!, params);
    if (params.alpha === -1) return scope.emit('Sub', { a: c!, b: ab });
    const scaled =
      params.alpha === 1
        ? ab
        : scope.emit('Multiply', { a: scope.memory.constant([], [params.alpha]), b: ab });
    return scope.emit('Add', { a: scaled, b: c! });
  },
  patches: (scope, t, [x]) => windowsOf(scope, t, x!),
  fold: (scope, t, [x]) => foldWindows(scope, t, x!),
};

const product = (
  scope: Scope,
  a: Slot,
  b: Slot,
  { transposeA, transposeB }: Apply<'matmul'>['params'],
): Slot => {
  if (scope.target.transposedProducts) return scope.emit('BatchMatMul', { a, b }, { transposeA, transposeB });
  const turned = (x: Slot): Slot => scope.emit('Transpose', { x }, { perm: [1, 0] });
  return scope.emit(
    'BatchMatMul',
    { a: transposeA ? turned(a) : a, b: transposeB ? turned(b) : b },
    { transposeA: false, transposeB: false },
  );
};

/** A sum over the first axis as a product with a row of ones: the wasm backend moves that axis to the end before it sums. */
function sumLeading(
  scope: Scope,
  { inputs, params: { axes }, shape }: Apply<'sum'>,
  x: Slot,
): Slot | undefined {
  const [rows, ...rest] = inputs[0]!.shape;
  if (axes.length !== 1 || axes[0] !== 0 || sizeOf(rest) < 2) return undefined;
  const ones = scope.memory.constant([1, rows!], new Array(rows).fill(1));
  const flat = scope.reshape(x, [rows!, sizeOf(rest)]);
  return scope.reshape(product(scope, ones, flat, { transposeA: false, transposeB: false }), shape);
}

/** No backend has a kernel of this name. */
function logSoftmax(scope: Scope, axis: number, x: Slot): Slot {
  const max = scope.emit('Max', { x }, { reductionIndices: [axis], keepDims: true });
  const shifted = scope.emit('Sub', { a: x, b: max });
  const exponentials = scope.emit('Exp', { x: shifted });
  const total = scope.emit('Sum', { x: exponentials }, { axis: [axis], keepDims: true });
  return scope.emit('Sub', { a: shifted, b: scope.emit('Log', { x: total }) });
}

/** `x` repeated along the axes in which the shapes differ; a kernel for broadcasting itself is on no backend. */
export function stretched(scope: Scope, x: Slot, from: Shape, to: Shape): Slot {
  const whole = [...new Array<number>(to.length - from.length).fill(1), ...from];
  const ranked = sameShape(whole, from) ? x : scope.reshape(x, whole);
  if (sameShape(whole, to)) return ranked;
  return scope.emit('Tile', { x: ranked }, { reps: to.map((size, axis) => size / whole[axis]!) });
}
