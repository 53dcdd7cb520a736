/** @file Sliding windows: a pixel of all windows is one block with steps, and the windows are these blocks side by side. */
import type { Apply } from '../../../shared/graph/index.ts';
import type { Slot } from './program.ts';
import type { Scope } from './scope.ts';

export function windowsOf(
  scope: Scope,
  { inputs, params: { size, stride }, shape }: Apply<'patches'>,
  x: Slot,
): Slot {
  const whole = inputs[0]!.shape as Maps;
  const [, h, w] = shape as Maps;
  const taps = windowPixels(size).map(([i, j]) => {
    const [down, across] = [(h - 1) * stride[0] + 1, (w - 1) * stride[1] + 1];
    const sizes = [whole[0], down, across, whole[3]];
    if (stride[0] === 1 && stride[1] === 1) return scope.block(x, whole, [0, i, j, 0], sizes);
    return scope.emit(
      'StridedSlice',
      { x },
      {
        ...noMasks,
        begin: [0, i, j, 0],
        end: [whole[0], i + down, j + across, whole[3]],
        strides: [1, ...stride, 1],
      },
    );
  });
  return scope.concat(taps, 0);
}

type Maps = readonly [channels: number, height: number, width: number, batch: number];

/** Begin, end and strides of a `StridedSlice` are meant as they are. */
const noMasks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const windowPixels = ([kh, kw]: readonly [number, number]): [number, number][] =>
  Array.from({ length: kh * kw }, (_, n) => [Math.floor(n / kw), n % kw]);

/** Pixels of the maps whose row and column leave the same rests by the stride get their numbers from the same pixels of the windows. These are moved into place
 *  and added up: one small map for each pair of rests, which side by side are turned into the whole. With stride 1 there is one; windows that tile the
 *  maps are side by side already. */
export function foldWindows(scope: Scope, t: Apply<'fold'>, x: Slot): Slot {
  const { size, stride, height, width } = t.params;
  const [, h, w] = t.inputs[0]!.shape as Maps;
  const rests = windowPixels(stride);
  const [down, across] = [h - 1 + Math.ceil(size[0] / stride[0]), w - 1 + Math.ceil(size[1] / stride[1])];
  const tiles = size.every((pixels, axis) => pixels === stride[axis]);
  const parts = tiles ? [x] : rests.map(rest => partOf(scope, t, x, rest, [down, across]));
  const joined = scope.concat(parts, 0);
  const maps = rests.length > 1 ? interleaved(scope, t, joined, [down, across]) : joined;
  const [rows, columns] = [down * stride[0], across * stride[1]];
  const [channels, , , batch] = t.shape as Maps;
  const shown = [channels, Math.min(rows, height), Math.min(columns, width), batch];
  const cut = scope.block(maps, [channels, rows, columns, batch], [0, 0, 0, 0], shown);
  return scope.pad(cut, [0, 0, 0, 0], [0, Math.max(0, height - rows), Math.max(0, width - columns), 0]);
}

/** The maps' pixels (C, down, across, B) of one pair of rests: the sum of all pixels of the windows that fall on them. */
function partOf(
  scope: Scope,
  { inputs, params: { size, stride } }: Apply<'fold'>,
  x: Slot,
  rest: readonly [number, number],
  [down, across]: readonly [number, number],
): Slot {
  const whole = inputs[0]!.shape as Maps;
  const [rows, h, w, batch] = whole;
  const channels = rows / (size[0] * size[1]);
  const places = windowPixels(size).flatMap(([i, j], n) => {
    if (i % stride[0] !== rest[0] || j % stride[1] !== rest[1]) return [];
    const pixel = scope.block(x, whole, [n * channels, 0, 0, 0], [channels, h, w, batch]);
    const [top, left] = [Math.floor(i / stride[0]), Math.floor(j / stride[1])];
    return [scope.pad(pixel, [0, top, left, 0], [0, down - top - h, across - left - w, 0])];
  });
  if (places.length > 1) return scope.emit('AddN', places);
  return (
    places[0] ??
    scope.emit('Fill', {}, { shape: [channels, down, across, batch], value: 0, dtype: 'float32' })
  );
}

/** Maps of all rests (sh·sw·C, down, across, B), as the whole (C, down·sh, across·sw, B): each gives every sh-th row and every sw-th column. */
function interleaved(
  scope: Scope,
  { params: { stride }, shape }: Apply<'fold'>,
  x: Slot,
  [down, across]: readonly [number, number],
): Slot {
  const [channels, , , batch] = shape as Maps;
  const apart = scope.reshape(x, [...stride, channels, down, across, batch]);
  const turned = scope.emit('Transpose', { x: apart }, { perm: [2, 3, 0, 4, 1, 5] });
  return scope.reshape(turned, [channels, down * stride[0], across * stride[1], batch]);
}
