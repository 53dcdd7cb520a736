/** @file The table of this engine: each primitive in ONNX operators. Total, so a new primitive does not compile without its lowering. */
import { type Apply, type Op, sizeOf } from '../../../shared/graph/index.ts';
import { block, padded } from './blocks.ts';
import { stretched } from './broadcast.ts';
import { floatType } from './proto.ts';
import { largest, sumLeading } from './reductions.ts';
import type { Scope } from './scope.ts';
import { foldWindows, windowsOf } from './windows.ts';

/** Emits the nodes of `t` whose operands have the names `inputs`; gives the name of the result. */
export type Lower<P extends Op> = (scope: Scope, t: Apply<P>, inputs: readonly string[]) => string;

const same =
  (opType: string): Lower<Op> =>
  (scope, _, inputs) =>
    scope.emit(opType, inputs);

/** An elementwise operator of two operands. */
const binary =
  (opType: string): Lower<'add' | 'sub' | 'mul' | 'div' | 'greater'> =>
  (scope, t, inputs) =>
    scope.emit(
      opType,
      inputs.map((x, i) => stretched(scope, x, t.inputs[i]!.shape, t.shape)),
    );

/** Products with at most this many columns are turned when that spares a transposed large operand (220 → 72 µs for (784×256)·(256×10), measured on a prototype). */
const narrow = 32;

export const lowerings: { readonly [P in Op]: Lower<P> } = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('Div'),
  neg: same('Neg'),
  exp: same('Exp'),
  log: same('Log'),
  tanh: same('Tanh'),
  sqrt: same('Sqrt'),
  softplus: same('Softplus'),
  relu: same('Relu'),
  greater: (scope, t, inputs) => scope.emit('Cast', [binary('Greater')(scope, t, inputs)], { to: floatType }),
  logSoftmax: (scope, _, inputs) => scope.emit('LogSoftmax', inputs, { axis: -1 }),
  sum: (scope, t, [x]) =>
    sumLeading(scope, t, x!) ??
    scope.emit('ReduceSum', [x!, scope.model.integers(t.params.axes)], { keepdims: 1 }),
  max: (scope, t, [x]) => largest(scope, t, x!),
  expand: (scope, { params }, [x]) => scope.emit('Expand', [x!, scope.model.integers(params.shape)]),
  reshape: (scope, { params }, [x]) => scope.emit('Reshape', [x!, scope.model.integers(params.shape)]),
  transpose: (scope, t, [x]) => transposed(scope, t, x!),
  slice: (scope, { inputs, params: { starts, sizes } }, [x]) =>
    block(
      scope,
      x!,
      inputs[0]!.shape,
      starts,
      starts.map((start, axis) => start + sizes[axis]!),
    ),
  pad: (scope, { params: { before, after } }, [x]) => padded(scope, x!, before, after),
  concat: (scope, { params }, inputs) => scope.emit('Concat', inputs, { axis: params.axis }),
  matmul: (scope, t, [a, b]) => {
    const { transposeA, transposeB } = t.params;
    const [m, n] = t.shape as [number, number];
    if (transposeA && m > n && n <= narrow && sizeOf(t.inputs[0]!.shape) > 4 * sizeOf(t.inputs[1]!.shape)) {
      const turned = product(scope, b!, a!, !transposeB, false); // (Aᵀ·B)ᵀ = Bᵀ·A
      return scope.emit('Transpose', [turned], { perm: [1, 0] });
    }
    return product(scope, a!, b!, transposeA, transposeB);
  },
  gemm: (scope, { params: { transposeA, transposeB, alpha } }, inputs) =>
    scope.emit('Gemm', inputs, { transA: +transposeA, transB: +transposeB, alpha: { float: alpha } }),
  patches: (scope, t, [x]) => windowsOf(scope, t, x!),
  fold: (scope, t, [x]) => foldWindows(scope, t, x!),
};

/** A transpose that only exchanges two blocks of axes, however many axes they have, is one of a matrix: several times faster (0.77 → 0.19 ms for a batch of
 *  256 images, by onnxruntime's profiler); the one other kind that was tried, (16, 144, 10) → (144, 16, 10), was slower that way. */
function transposed(
  scope: Scope,
  { inputs, params: { perm }, shape }: Apply<'transpose'>,
  x: string,
): string {
  const from = inputs[0]!.shape;
  const moved = perm.filter(axis => from[axis] !== 1);
  const kept = [...moved].sort((a, b) => a - b);
  const cut = moved.indexOf(kept[0]!);
  const exchanged =
    cut > 0 && [...moved.slice(cut), ...moved.slice(0, cut)].every((axis, i) => axis === kept[i]);
  if (!exchanged) return scope.emit('Transpose', [x], { perm });
  const size = (axes: readonly number[]): number => sizeOf(axes.map(axis => from[axis]!));
  const matrix = scope.emit('Reshape', [
    x,
    scope.model.integers([size(moved.slice(cut)), size(moved.slice(0, cut))]),
  ]);
  return scope.emit('Reshape', [
    scope.emit('Transpose', [matrix], { perm: [1, 0] }),
    scope.model.integers(shape),
  ]);
}

const product = (scope: Scope, a: string, b: string, transposeA: boolean, transposeB: boolean): string =>
  transposeA || transposeB
    ? scope.emit('Gemm', [a, b], { transA: +transposeA, transB: +transposeB })
    : scope.emit('MatMul', [a, b]);
