/** @file Convolution, as a product with patches (docs/decisions/0002). */
import { add, constant, matmul, patches, reshape, type Tensor, transpose } from '../../graph/index.ts';
import type { Layer } from './layer.ts';
import { maps, needsMaps } from './layouts.ts';
import { bordered, type Padding, type Pair, pair, type Sliding, sliding } from './sliding.ts';

export interface ConvOptions {
  readonly filters: number;
  /** Height and width, in pixels. */
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly bias?: boolean;
  /** Set by the net where a pooling follows: see `withPhases` there. For square kernels with stride 1. */
  readonly phases?: number;
}

/** y[p, q, f] = Σ x[p·s+i, q·s+j, c]·kernel[i, j, c, f] + bias[f], kernel (kh, kw, in, filters), zeros outside the maps. With `phases` p > 1 the pixels that
 *  a p×p pooling will join come out side by side; rows and columns beyond the last whole p×p block are not computed. */
export const conv: Layer<ConvOptions> = {
  weights: ({ filters, kernel, bias = true }, [, , channels]) => ({
    kernel: [...pair(kernel), channels!, filters],
    ...(bias && { bias: [filters] }),
  }),
  output: (options, input) => {
    const [height, width] = needsMaps('conv', input);
    const { phases = 1, filters } = options;
    const [h, w] = windowsOf(options, height, width).windows;
    if (h < 1 || w < 1)
      throw new RangeError(
        `a ${pair(options.kernel).join('×')} kernel does not fit into maps of ${height}×${width}`,
      );
    if (Math.min(h, w) < phases) return [h, w, filters]; // not one whole block: the pooling will say so
    return [h - (h % phases), w - (w % phases), filters];
  },
  forward: (x, { kernel, bias }, options, [height, width]) => {
    const { filters, phases = 1 } = options;
    const at = windowsOf(options, height!, width!);
    const [kh, kw] = at.size;
    const columns = patches(
      bordered(maps(x), at),
      phases > 1
        ? { size: [kh + phases - 1, kw + phases - 1], stride: [phases, phases] }
        : { size: at.size, stride: at.stride },
    );
    const [rows, h, w, batch] = columns.shape as [number, number, number, number];
    const kernels = phases > 1 ? phaseKernels(kernel!, phases) : reshape(kernel!, [rows, filters]);
    const product = matmul(kernels, reshape(columns, [rows, h * w * batch]), { transposeA: true });
    const y = bias ? add(product, phaseBiases(bias, phases)) : product;
    return { layout: 'maps', tensor: reshape(y, [phases ** 2, filters, h, w, batch]) };
  },
};

const windowsOf = ({ kernel, stride = 1, padding }: ConvOptions, height: number, width: number): Sliding =>
  sliding(height, width, { size: kernel, stride, padding });

/** The biases (f), once for each of p×p phases: (p²·f, 1). */
function phaseBiases(bias: Tensor, p: number): Tensor {
  const filters = bias.shape[0]!;
  const column = reshape(bias, [filters, 1]);
  if (p === 1) return column;
  const repeat = constant(
    Float64Array.from(
      { length: p ** 2 * filters ** 2 },
      (_, i) => +(Math.floor(i / filters) % filters === i % filters),
    ),
    [p ** 2 * filters, filters],
  );
  return matmul(repeat, column);
}

/** The kernel (k, k, c, f) at each of p×p offsets in a window of k+p−1: (window²·c, p²·f). The same window then gives p×p neighbouring pixels. Placing is a
 *  product with a constant matrix of zeros and ones, one node where padding and joining would be a dozen. */
function phaseKernels(kernel: Tensor, p: number): Tensor {
  const [k, , channels, filters] = kernel.shape as [number, number, number, number];
  const window = k + p - 1;
  const place = new Float64Array(p * p * window * window * k * k);
  for (let phase = 0; phase < p * p; phase++)
    for (let tap = 0; tap < k * k; tap++) {
      const [row, column] = [Math.floor(phase / p) + Math.floor(tap / k), (phase % p) + (tap % k)];
      place[((phase * window + row) * window + column) * k * k + tap] = 1;
    }
  const placed = matmul(
    constant(place, [p * p * window * window, k * k]),
    reshape(kernel, [k * k, channels * filters]),
  );
  const byWindow = transpose(reshape(placed, [p * p, window * window, channels, filters]), [1, 2, 0, 3]);
  return reshape(byWindow, [window * window * channels, p * p * filters]);
}
