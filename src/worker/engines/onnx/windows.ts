/** @file Sliding windows: a pixel of all windows is one block with steps, and the windows are these blocks side by side. */
import type { Apply } from '../../../shared/graph/index.ts';
import { block, padded } from './blocks.ts';
import type { Scope } from './scope.ts';

export function windowsOf(
  scope: Scope,
  { inputs, params: { size, stride }, shape }: Apply<'patches'>,
  x: string,
): string {
  const [, height, width] = inputs[0]!.shape as [number, number, number];
  const [, h, w] = shape as [number, number, number];
  const taps = windowPixels(size).map(([i, j]) => {
    const [down, across] = [i + (h - 1) * stride[0] + 1, j + (w - 1) * stride[1] + 1];
    return block(
      scope,
      x,
      [Infinity, height, width, Infinity],
      [0, i, j, 0],
      [Infinity, down, across, Infinity],
      [1, ...stride, 1],
    );
  });
  return scope.emit('Concat', taps, { axis: 0 });
}

const windowPixels = ([kh, kw]: readonly [number, number]): [number, number][] =>
  Array.from({ length: kh * kw }, (_, n) => [Math.floor(n / kw), n % kw]);

/** Pixels of the maps whose row and column leave the same rests by the stride get their numbers from the same pixels of the windows. These are moved into place
 *  and added up: one small map for each pair of rests, which side by side are turned into the whole. With stride 1 there is one; windows that tile the
 *  maps are side by side already. (Twice as fast for a gradient of lenet as spreading each pixel of the windows over a whole map.) */
export function foldWindows(scope: Scope, t: Apply<'fold'>, x: string): string {
  const { size, stride, height, width } = t.params;
  const [, h, w] = t.inputs[0]!.shape as [number, number, number];
  const rests = windowPixels(stride);
  const [down, across] = [h - 1 + Math.ceil(size[0] / stride[0]), w - 1 + Math.ceil(size[1] / stride[1])];
  const tiles = size.every((pixels, axis) => pixels === stride[axis]);
  const parts = tiles ? [x] : rests.map(rest => partOf(scope, t, x, rest, [down, across]));
  const joined = parts.length > 1 ? scope.emit('Concat', parts, { axis: 0 }) : parts[0]!;
  const maps = rests.length > 1 ? interleaved(scope, t, joined, [down, across]) : joined;
  return padded(scope, maps, [0, 0, 0, 0], [0, height - down * stride[0], width - across * stride[1], 0]);
}

/** The maps' pixels (C, down, across, B) of one pair of rests: the sum of all pixels of the windows that fall on them. */
function partOf(
  scope: Scope,
  { inputs, params: { size, stride } }: Apply<'fold'>,
  x: string,
  rest: readonly [number, number],
  [down, across]: readonly [number, number],
): string {
  const [rows, h, w, batch] = inputs[0]!.shape as [number, number, number, number];
  const channels = rows / (size[0] * size[1]);
  const places = windowPixels(size).flatMap(([i, j], n) => {
    if (i % stride[0] !== rest[0] || j % stride[1] !== rest[1]) return [];
    const from = [n * channels, 0, 0, 0];
    const pixel = block(scope, x, inputs[0]!.shape, from, [(n + 1) * channels, h, w, batch]);
    const [top, left] = [Math.floor(i / stride[0]), Math.floor(j / stride[1])];
    return [padded(scope, pixel, [0, top, left, 0], [0, down - top - h, across - left - w, 0])];
  });
  if (places.length > 1) return scope.emit('Sum', places);
  const { model } = scope;
  return (
    places[0] ??
    scope.emit('Expand', [model.floats([], [0]), model.integers([channels, down, across, batch])])
  );
}

/** Maps of all rests (sh·sw·C, down, across, B), as the whole (C, down·sh, across·sw, B): each gives every sh-th row and every sw-th column. */
function interleaved(
  scope: Scope,
  { params: { stride }, shape }: Apply<'fold'>,
  x: string,
  [down, across]: readonly [number, number],
): string {
  const [channels, , , batch] = shape as [number, number, number, number];
  const { model } = scope;
  const apart = scope.emit('Reshape', [x, model.integers([...stride, channels, down, across, batch])]);
  const turned = scope.emit('Transpose', [apart], { perm: [2, 3, 0, 4, 1, 5] });
  const whole = [channels, down * stride[0], across * stride[1], batch];
  return scope.emit('Reshape', [turned, model.integers(whole)]);
}
