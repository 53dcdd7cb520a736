/** @file Layers on maps in plain loops: a window is looked at pixel by pixel, and a pixel outside the maps is none. */
import { type Naive, type Sample, sampled } from './samples.ts';

type Pair = number | readonly [number, number];
interface PoolOptions {
  readonly size: Pair;
  readonly stride?: Pair;
  readonly padding?: 'valid' | 'same' | undefined;
}
type Windows = PoolOptions & { readonly stride: Pair };

/** A pixel of a window: where in the window, and where in the maps. */
interface Pixel {
  readonly i: number;
  readonly j: number;
  readonly y: number;
  readonly x: number;
}

const both = (value: Pair): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

/** First pixel of each window along one axis, as TensorFlow's documentation has it: 'same' pads so that there are ⌈n/s⌉ windows, more of it behind. */
function starts(pixels: number, size: number, stride: number, padding: 'valid' | 'same' = 'valid'): number[] {
  const first: number[] = [];
  if (padding === 'valid') for (let at = 0; at + size <= pixels; at += stride) first.push(at);
  else {
    const rest = pixels % stride === 0 ? stride : pixels % stride;
    const total = Math.max(size - rest, 0);
    for (let at = 0; at < pixels; at += stride) first.push(at - Math.floor(total / 2));
  }
  return first;
}

/** Each window of maps as its pixels that exist: `f` makes one number of them. */
function overWindows(
  { shape }: Sample,
  { size, stride, padding }: Windows,
  channels: number,
  f: (pixels: readonly Pixel[], channel: number) => number,
): Sample {
  const [height, width] = shape as [number, number];
  const [[kh, kw], [sh, sw]] = [both(size), both(stride)];
  const [rows, columns] = [starts(height, kh, sh, padding), starts(width, kw, sw, padding)];
  return sampled([rows.length, columns.length, channels], (p, q, c) => {
    const pixels: Pixel[] = [];
    for (let i = 0; i < kh; i++)
      for (let j = 0; j < kw; j++) {
        const [y, x] = [rows[p]! + i, columns[q]! + j];
        if (y >= 0 && y < height && x >= 0 && x < width) pixels.push({ i, j, y, x });
      }
    return f(pixels, c);
  });
}

export const conv: Naive<'conv'> = (x, { kernel, bias }, { filters, kernel: size, stride = 1, padding }) => {
  const [, width, channels] = x.shape as [number, number, number];
  const [, kw] = both(size);
  return overWindows(x, { size, stride, padding }, filters, (pixels, f) => {
    let total = bias?.[f] ?? 0;
    for (const { i, j, y, x: column } of pixels)
      for (let c = 0; c < channels; c++)
        total +=
          x.data[(y * width + column) * channels + c]! *
          kernel![((i * kw + j) * channels + c) * filters + f]!;
    return total;
  });
};

const pool =
  (join: (values: readonly number[]) => number) =>
  (x: Sample, _: object, { size, stride = size, padding }: PoolOptions): Sample => {
    const [, width, channels] = x.shape as [number, number, number];
    return overWindows(x, { size, stride, padding }, channels, (pixels, c) =>
      join(pixels.map(({ y, x: column }) => x.data[(y * width + column) * channels + c]!)),
    );
  };

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

export const averagePool = pool(mean);
export const maxPool = pool(values => Math.max(...values));
export const globalAveragePool: Naive<'globalAveragePool'> = ({ shape, data }) =>
  sampled([shape[2]!], c => mean(data.filter((_, n) => n % shape[2]! === c)));
