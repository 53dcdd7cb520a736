/** @file Pools: windows of maps joined into one pixel each, by their mean or their largest. */
import { add, constant, max, mul, patches, reshape, scalar, sum, type Tensor } from '../../graph/index.ts';
import type { Activation, Layer, SampleShape } from './layer.ts';
import { maps, needsMaps } from './layouts.ts';
import {
  bordered,
  hasBorder,
  insideBorder,
  type Padding,
  type Pair,
  type Sliding,
  sliding,
} from './sliding.ts';

export interface PoolOptions {
  /** Height and width of the windows, in pixels. */
  readonly size: Pair;
  /** Step from window to window; the size unless said, so that windows do not overlap. */
  readonly stride?: Pair;
  /** `valid`: incomplete windows at the lower and right border are dropped. */
  readonly padding?: Padding;
}

/** A pool that joins windows by `join`: their pixels lie along `axis` of (kh·kw, C, h, w, B) or, in phases, (C, kh·kw, h, w, B). */
const pool = (
  border: (x: Tensor, at: Sliding, input: SampleShape) => Tensor,
  join: (pixels: Tensor, axis: 0 | 1, at: Sliding, input: SampleShape) => Tensor,
): Layer<PoolOptions> => ({
  weights: () => ({}),
  output: (options, input) => {
    const [height, width, channels] = needsMaps('pooling', input);
    const { size, windows } = windowsOf(options, input);
    if (windows[0] < 1 || windows[1] < 1)
      throw new RangeError(`a ${size.join('×')} block does not fit into maps of ${height}×${width}`);
    return [...windows, channels];
  },
  forward: (x, _, options, input) => {
    const at = windowsOf(options, input);
    const joined = inPhases(x, at)
      ? join(x.tensor, 1, at, input)
      : join(pixelsOf(border(maps(x), at, input), at), 0, at, input);
    return { layout: 'maps', tensor: reshape(joined, [input[2]!, 1, ...joined.shape.slice(2)]) };
  },
});

/** Mean of each window, over those of its pixels that are not border. */
export const averagePool: Layer<PoolOptions> = pool(bordered, (pixels, axis, at, input) =>
  mul(sum(pixels, [axis]), hasBorder(at) ? shares(at, input) : scalar(1 / (at.size[0] * at.size[1]))),
);

/** Largest pixel of each window. The border is never it: it lies at −1e30, a finite number, so that no derivative meets an infinite one. */
export const maxPool: Layer<PoolOptions> = pool(
  (x, at, [height, width]) => {
    if (!hasBorder(at)) return x;
    const whole = bordered(x, at);
    const [, rows, columns] = whole.shape as [number, number, number];
    const low = insideBorder(height!, width!, at).map(inside => (inside ? 0 : -1e30));
    return add(whole, constant(low, [rows, columns, 1]));
  },
  (pixels, axis) => max(pixels, [axis]),
);

/** Mean over each whole map: H×W×C to C features. */
export const globalAveragePool: Layer<object> = {
  weights: () => ({}),
  output: (_, input) => [needsMaps('global pooling', input)[2]],
  forward: x => {
    const pixels = maps(x);
    const [channels, height, width, batch] = pixels.shape as [number, number, number, number];
    const total = sum(reshape(pixels, [channels, height * width, batch]), [1]);
    return {
      layout: 'columns',
      tensor: reshape(mul(total, scalar(1 / (height * width))), [channels, batch]),
    };
  },
};

const windowsOf = ({ size, stride = size, padding }: PoolOptions, [height, width]: SampleShape): Sliding =>
  sliding(height!, width!, { size, stride, padding });

/** Whether a convolution has computed in the phases of this very pool. */
const inPhases = ({ layout, tensor }: Activation, { size: [h, w] }: Sliding): boolean =>
  layout === 'maps' && tensor.shape[1]! > 1 && tensor.shape[1] === h * w;

/** The pixels of each window: (C, H, W, B) → (kh·kw, C, h, w, B). */
function pixelsOf(x: Tensor, { size, stride }: Sliding): Tensor {
  const cut = patches(x, { size, stride });
  const [, h, w, batch] = cut.shape as [number, number, number, number];
  return reshape(cut, [size[0] * size[1], x.shape[0]!, h, w, batch]);
}

/** What one pixel counts in each window, (h, w, 1): 1 over the number of pixels that are no border. */
function shares(at: Sliding, [height, width]: SampleShape): Tensor {
  const inside = insideBorder(height!, width!, at);
  const across = at.before[1] + width! + at.after[1];
  const [h, w] = at.windows;
  return constant(
    Array.from({ length: h * w }, (_, n) => {
      const [y, x] = [Math.floor(n / w) * at.stride[0], (n % w) * at.stride[1]];
      let count = 0;
      for (let i = 0; i < at.size[0]; i++)
        for (let j = 0; j < at.size[1]; j++) count += +inside[(y + i) * across + x + j]!;
      return 1 / count;
    }),
    [h, w, 1],
  );
}
