/** @file Windows that slide over maps: their sizes, steps and borders as Keras and TensorFlow count them. Knows neither kernels nor pools. */
import { pad, sameShape, slice, type Tensor } from '../../graph/index.ts';

/** One number for both axes, or [down, across]. */
export type Pair = number | readonly [number, number];

export type Padding = 'valid' | 'same';

/** Where windows lie on maps of one size. All pairs are [down, across], in pixels. */
export interface Sliding {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Number of windows. */
  readonly windows: readonly [number, number];
  /** Border around the maps. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

export const pair = (value: Pair): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** Windows on maps of height × width. `valid`: those that fit, so none when one axis is too short. `same`: ⌈H/s⌉, with a border of
 *  max((⌈H/s⌉ − 1)·s + k − H, 0) pixels in all, the smaller half of it before the maps. */
export function sliding(
  height: number,
  width: number,
  {
    size,
    stride,
    padding = 'valid',
  }: { readonly size: Pair; readonly stride: Pair; readonly padding?: Padding | undefined },
): Sliding {
  const [k, s, pixels] = [pair(size), pair(stride), [height, width] as const];
  const both = (value: (axis: 0 | 1) => number): [number, number] => [value(0), value(1)];
  const windows = both(axis =>
    padding === 'same'
      ? Math.ceil(pixels[axis] / s[axis])
      : Math.max(Math.floor((pixels[axis] - k[axis]) / s[axis]) + 1, 0),
  );
  const border = both(axis =>
    padding === 'same' ? Math.max((windows[axis] - 1) * s[axis] + k[axis] - pixels[axis], 0) : 0,
  );
  const before = both(axis => Math.floor(border[axis] / 2));
  return { size: k, stride: s, windows, before, after: both(axis => border[axis] - before[axis]) };
}

export const hasBorder = ({ before, after }: Sliding): boolean => [...before, ...after].some(n => n > 0);

/** Maps (C, H, W, B) with zeros as their border. */
export const bordered = (maps: Tensor, at: Sliding): Tensor =>
  hasBorder(at) ? pad(maps, [0, ...at.before, 0], [0, ...at.after, 0]) : maps;

/** The windows that make whole p×p blocks. */
export const wholeBlocks = (at: Sliding, p: number): Sliding => ({
  ...at,
  windows: [at.windows[0] - (at.windows[0] % p), at.windows[1] - (at.windows[1] % p)],
});

/** Bordered maps without the rows and columns that no window sees. */
export function cut(bordered: Tensor, { size, stride, windows }: Sliding): Tensor {
  const seen = (axis: 0 | 1): number => (windows[axis] - 1) * stride[axis] + size[axis];
  const sizes = [bordered.shape[0]!, seen(0), seen(1), bordered.shape[3]!];
  return sameShape(sizes, bordered.shape) ? bordered : slice(bordered, [0, 0, 0, 0], sizes);
}

/** For each pixel of the bordered maps, row by row: whether it is one of the H×W pixels inside. */
export function insideBorder(height: number, width: number, { before, after }: Sliding): boolean[] {
  const whole = before[1] + width + after[1];
  return Array.from({ length: (before[0] + height + after[0]) * whole }, (_, n) => {
    const [y, x] = [Math.floor(n / whole) - before[0], (n % whole) - before[1]];
    return y >= 0 && y < height && x >= 0 && x < width;
  });
}
