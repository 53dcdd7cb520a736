/** @file Primitives that put tensors into larger ones: borders of zeros, joining, and windows that overlap. Each is a few maps into views of the result. */
import { type Apply, sizeOf, type Tensor, windows } from '../../../shared/graph/index.ts';
import { Group } from './groups.ts';
import { identity, ordered } from './order.ts';
import type { Scope } from './scope.ts';
import { type Buffer, byAxis, rowMajor, sliced, tiled, type View, whole, windowed } from './views.ts';

/** A fresh result of `shape`, all zeros. */
function zeros(scope: Scope, shape: readonly number[]): View {
  const out = rowMajor({ size: sizeOf(shape) }, shape);
  zeroed(scope, out.buffer);
  return out;
}

/** Fills a buffer with zeros. */
export function zeroed(scope: Scope, buffer: Buffer): void {
  const zero = scope.constant(Float64Array.of(0));
  Group.copy(scope, { ...zero, dims: [{ size: buffer.size, stride: 0 }] }, whole(buffer));
}

export function padded(scope: Scope, t: Apply<'pad'>): void {
  const [x] = t.inputs as [Tensor];
  const view = scope.view(x);
  const out = zeros(scope, t.shape);
  Group.copy(scope, view, sliced(out, t.shape, t.params.before, x.shape)!);
  scope.set(t, out);
}

/** `view` of shape `from` in the upper left corner of zeros. */
function bordered(scope: Scope, view: View, from: readonly number[], shape: readonly number[]): View {
  const out = zeros(scope, shape);
  const starts = shape.map(() => 0);
  Group.copy(scope, view, sliced(out, shape, starts, from)!);
  return out;
}

/** Parts of a matrix that lie turned are joined so. */
export function joined(scope: Scope, t: Apply<'concat'>): void {
  const turned = t.shape.length === 2 && t.inputs.every(x => isTurned(scope.view(x), x.shape));
  const out = ordered(t.shape, turned ? [1, 0] : identity(t.shape));
  const starts = t.shape.map(() => 0);
  for (const x of t.inputs) {
    Group.copy(scope, scope.view(x), sliced(out, t.shape, starts, x.shape)!);
    starts[t.params.axis]! += x.shape[t.params.axis]!;
  }
  scope.set(t, out);
}

/** Windows that lie side by side are a view; others are added, one pixel of all windows after the other, into zeros. */
export function fold(scope: Scope, t: Apply<'fold'>): void {
  const [x] = t.inputs as [Tensor];
  const { size, stride, height, width } = t.params;
  const [rows, h, w, batch] = x.shape as [number, number, number, number];
  const channels = rows / (size[0] * size[1]);
  if (size.every((pixels, axis) => pixels === stride[axis])) {
    const view = tiled(scope.view(x), x.shape, size) ?? tiled(scope.contiguous(x), x.shape, size)!;
    const covered = [channels, h * size[0], w * size[1], batch];
    scope.set(t, sizeOf(covered) === sizeOf(t.shape) ? view : bordered(scope, view, covered, t.shape));
    return;
  }
  const given = scope.view(x);
  const out = zeros(scope, t.shape);
  const all = windowed(out, t.shape, size, stride, windows(height, width, size, stride))!;
  for (let pixel = 0; pixel < size[0] * size[1]; pixel++) {
    const part = (view: View): View | undefined =>
      sliced(
        view,
        [size[0] * size[1], channels, h, w, batch],
        [pixel, 0, 0, 0, 0],
        [1, channels, h, w, batch],
      );
    const from = part(given) ?? part(scope.contiguous(x))!;
    Group.addTo(scope, from, pixelOf(all, size, pixel, [channels, h, w, batch]));
  }
  scope.set(t, out);
}

/** One pixel of all windows, from their view (kh·kw·C, h, w, B). */
function pixelOf(
  all: View,
  [kh, kw]: readonly [number, number],
  pixel: number,
  shape: readonly number[],
): View {
  const [i, j] = [Math.floor(pixel / kw), pixel % kw];
  const parts = [kh, kw, ...shape];
  return sliced(all, parts, [i, j, 0, 0, 0, 0], [1, 1, ...shape])!;
}

/** Whether the columns of a matrix lie side by side, and its rows do not. */
function isTurned(view: View, shape: readonly number[]): boolean {
  const [rows, columns] = byAxis(view.dims, shape) ?? [];
  return rows?.at(-1)?.stride === 1 && columns !== undefined && columns.length > 0;
}
