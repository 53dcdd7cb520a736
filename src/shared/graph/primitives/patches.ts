/** @file Sliding windows as columns of a matrix, and back: with them a convolution is a matrix product, and its derivatives of every order
 *  are matrix products and these two again (docs/decisions/0002). Maps are (C, H, W, B), batch last, so that a window's pixel is a slab of memory. */
import { type Shape, showShape, sizeOf } from '../shape.ts';
import type { ParamsOf, PatchParams, Tensor } from '../tensor.ts';
import { type Builder, primitive } from './primitive.ts';

/** Every window of x (C, H, W, B): result (kh·kw·C, h, w, B) with h = ⌊(H − kh)/sh⌋ + 1, and
 *  result[(i·kw + j)·C + c, y, x, b] = x[c, y·sh + i, x·sw + j, b]. */
export const patches: Builder<'patches', [x: Tensor, params: PatchParams]> = primitive(
  'patches',
  (x, params) => [[x], params],
  {
    shape: ([x], { size: [kh, kw], stride }) => {
      if (x!.length !== 4) throw new RangeError(`needs maps (C, H, W, B), got ${showShape(x!)}`);
      const [c, height, width, batch] = x as [number, number, number, number];
      if (kh > height || kw > width)
        throw new RangeError(`a ${kh}×${kw} window is not inside ${showShape(x!)}`);
      const [h, w] = windows(height, width, [kh, kw], stride);
      return [kh * kw * c, h, w, batch];
    },
    vjp: (g, [x], _, params) => [fold(g, { ...params, height: x!.shape[1]!, width: x!.shape[2]! })],
    reference: ([x], params, shape) => {
      const out = new Float64Array(sizeOf(shape));
      visitWindows(x!.shape, params, (patch, map) => {
        out[patch] = x!.data[map]!;
      });
      return out;
    },
  },
);

/** The transpose of `patches`: adds every window of x (kh·kw·C, h, w, B) into maps (C, height, width, B). */
export const fold: Builder<'fold', [x: Tensor, params: ParamsOf['fold']]> = primitive(
  'fold',
  (x, params) => [[x], params],
  {
    shape: ([x], { size, stride, height, width }) => {
      const [h, w] = windows(height, width, size, stride);
      const channels = x![0]! / (size[0] * size[1]);
      if (x!.length !== 4 || x![1] !== h || x![2] !== w || !Number.isInteger(channels))
        throw new RangeError(
          `${showShape(x!)} are not the ${size.join('×')} windows of ${height}×${width} maps`,
        );
      return [channels, height, width, x![3]!];
    },
    vjp: (g, _, __, { size, stride }) => [patches(g, { size, stride })],
    reference: ([x], params, shape) => {
      const out = new Float64Array(sizeOf(shape));
      visitWindows(shape, params, (patch, map) => {
        out[map]! += x!.data[patch]!;
      });
      return out;
    },
  },
);

/** Number of windows down and across. */
export const windows = (
  height: number,
  width: number,
  [kh, kw]: readonly [number, number],
  [sh, sw]: readonly [number, number],
): [number, number] => [Math.floor((height - kh) / sh) + 1, Math.floor((width - kw) / sw) + 1];

/** Calls back with the flat index in the patches and in the maps of each pixel of each window. */
function visitWindows(
  maps: Shape,
  { size, stride }: PatchParams,
  visit: (patch: number, map: number) => void,
): void {
  const [channels, height, width, batch] = maps as [number, number, number, number];
  const [h, w] = windows(height, width, size, stride);
  let patch = 0;
  for (let i = 0; i < size[0]; i++)
    for (let j = 0; j < size[1]; j++)
      for (let c = 0; c < channels; c++)
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++) {
            const row = ((c * height + y * stride[0] + i) * width + x * stride[1] + j) * batch;
            for (let b = 0; b < batch; b++) visit(patch++, row + b);
          }
}
