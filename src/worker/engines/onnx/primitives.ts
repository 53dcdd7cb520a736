/** @file The table of this engine: each primitive in ONNX operators. Total, so a new primitive does not compile without its lowering. */
import { type Apply, type Op, type Shape, sizeOf } from '../../../shared/graph/index.ts';
import type { Scope } from './scope.ts';

/** Emits the nodes of `t` whose operands have the names `inputs`; gives the name of the result. */
export type Lower<P extends Op> = (scope: Scope, t: Apply<P>, inputs: readonly string[]) => string;

const same =
  (opType: string): Lower<Op> =>
  (scope, _, inputs) =>
    scope.emit(opType, inputs);

/** Products with at most this many columns are turned when that spares a transposed large operand (220 → 72 µs for (784×256)·(256×10), measured on a prototype). */
const narrow = 32;

export const lowerings: { readonly [P in Op]: Lower<P> } = {
  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  div: same('Div'),
  neg: same('Neg'),
  exp: same('Exp'),
  log: same('Log'),
  tanh: same('Tanh'),
  logSoftmax: (scope, _, inputs) => scope.emit('LogSoftmax', inputs, { axis: -1 }),
  sum: (scope, t, [x]) =>
    sumLeading(scope, t, x!) ??
    scope.emit('ReduceSum', [x!, scope.model.integers(t.params.axes)], { keepdims: 1 }),
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
  patches: (scope, { inputs, params: { size, stride }, shape }, [x]) => {
    const [, height, width] = inputs[0]!.shape as [number, number, number];
    const [, h, w] = shape as [number, number, number];
    const taps = windowPixels(size).map(([i, j]) => {
      const [down, across] = [i + (h - 1) * stride[0] + 1, j + (w - 1) * stride[1] + 1];
      return block(
        scope,
        x!,
        [Infinity, height, width, Infinity],
        [0, i, j, 0],
        [Infinity, down, across, Infinity],
        [1, ...stride, 1],
      );
    });
    return scope.emit('Concat', taps, { axis: 0 });
  },
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

/** A sum over the first axis is a product with a row of ones, which runs several times faster than ReduceSum (measured: docs/decisions/0003). */
function sumLeading(
  scope: Scope,
  { inputs, params: { axes }, shape }: Apply<'sum'>,
  x: string,
): string | undefined {
  const [rows, ...rest] = inputs[0]!.shape;
  if (axes.length !== 1 || axes[0] !== 0 || sizeOf(rest) < 2) return undefined;
  const flat = scope.emit('Reshape', [x, scope.model.integers([rows!, sizeOf(rest)])]);
  const ones = scope.model.floats([1, rows!], new Array(rows).fill(1));
  return scope.emit('Reshape', [scope.emit('MatMul', [ones, flat]), scope.model.integers(shape)]);
}

const product = (scope: Scope, a: string, b: string, transposeA: boolean, transposeB: boolean): string =>
  transposeA || transposeB
    ? scope.emit('Gemm', [a, b], { transA: +transposeA, transB: +transposeB })
    : scope.emit('MatMul', [a, b]);

/** The block from `starts` to `ends` (exclusive), every `steps`-th element; axes that are whole are left out. */
function block(
  scope: Scope,
  x: string,
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): string {
  const axes = starts
    .map((_, axis) => axis)
    .filter(axis => starts[axis] !== 0 || ends[axis] !== shape[axis] || steps[axis] !== 1);
  if (axes.length === 0) return x;
  const pick = (values: readonly number[]): string => scope.model.integers(axes.map(axis => values[axis]!));
  return scope.emit('Slice', [x, pick(starts), pick(ends), scope.model.integers(axes), pick(steps)]);
}

const padded = (scope: Scope, x: string, before: readonly number[], after: readonly number[]): string =>
  scope.emit('Pad', [x, scope.model.integers([...before, ...after])]);

const windowPixels = ([kh, kw]: readonly [number, number]): [number, number][] =>
  Array.from({ length: kh * kw }, (_, n) => [Math.floor(n / kw), n % kw]);

/** Each pixel of the windows is a sparse map: its rows and columns are spread by the stride, moved into place and added up. */
function foldWindows(
  scope: Scope,
  { inputs, params: { size, stride, height, width } }: Apply<'fold'>,
  x: string,
): string {
  const [rows, h, w, batch] = inputs[0]!.shape as [number, number, number, number];
  const [sh, sw] = stride;
  const channels = rows / (size[0] * size[1]);
  const { model } = scope;
  const places = windowPixels(size).map(([i, j], n) => {
    const tap = block(scope, x, inputs[0]!.shape, [n * channels, 0, 0, 0], [(n + 1) * channels, h, w, batch]);
    if (sh === 1 && sw === 1) return padded(scope, tap, [0, i, j, 0], [0, height - i - h, width - j - w, 0]);
    const apart = scope.emit('Reshape', [tap, model.integers([channels, h, 1, w, 1, batch])]);
    const spread = padded(scope, apart, [0, 0, 0, 0, 0, 0], [0, 0, sh - 1, 0, sw - 1, 0]);
    const whole = scope.emit('Reshape', [spread, model.integers([channels, h * sh, w * sw, batch])]);
    const [below, right] = [height - i - h * sh, width - j - w * sw]; // negative: the last gap is cut off
    return padded(scope, whole, [0, i, j, 0], [0, below, right, 0]);
  });
  return places.length === 1 ? places[0]! : scope.emit('Sum', places);
}
