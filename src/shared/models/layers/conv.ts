/** @file Convolution, as a product with patches (docs/decisions/0002). */
import { add, expand, matmul, patches, reshape, type Tensor, transpose } from '../../graph/index.ts';
import type { Layer } from './layer.ts';
import { maps, needsMaps } from './layouts.ts';
import {
  bordered,
  cut,
  type Padding,
  type Pair,
  pair,
  type Sliding,
  sliding,
  wholeBlocks,
} from './sliding.ts';
import { isWide, wideKernels } from './wideWindows.ts';

export interface ConvOptions {
  readonly filters: number;
  /** Height and width, in pixels. */
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly bias?: boolean;
  /** Set by the net where a pooling follows: see `withPhases` there. */
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
    const [h, w] = windowsOf(options, height, width).windows;
    if (h < 1 || w < 1)
      throw new RangeError(
        `a ${pair(options.kernel).join('×')} kernel does not fit into maps of ${height}×${width}`,
      );
    return [h, w, options.filters];
  },
  forward: (x, { kernel, bias }, options, [height, width]) => {
    const { phases = 1 } = options;
    const at = windowsOf(options, height!, width!);
    const pixels = bordered(maps(x), at);
    const how = phases === 1 ? plain : isWide(at, phases) ? wide : blockwise;
    return { layout: 'maps', tensor: how(pixels, at, kernel!, bias, phases) };
  },
};

/** Windows on maps of height × width; in phases, those of whole blocks. */
function windowsOf(
  { kernel, stride = 1, padding, phases = 1 }: ConvOptions,
  height: number,
  width: number,
): Sliding {
  return wholeBlocks(sliding(height, width, { size: kernel, stride, padding }), phases);
}

/** A convolution of bordered maps (C, H, W, B), in p×p phases: (filters, p², h, w, B). */
type Way = (pixels: Tensor, at: Sliding, kernel: Tensor, bias: Tensor | undefined, p: number) => Tensor;

/** A column for each window. */
const plain: Way = (pixels, at, kernel, bias) => {
  const filters = kernel.shape[3]!;
  const columns = patches(pixels, { size: at.size, stride: at.stride });
  const [rows, h, w, batch] = columns.shape as [number, number, number, number];
  const y = affine(reshape(kernel, [rows, filters]), reshape(columns, [rows, h * w * batch]), bias);
  return reshape(y, [filters, 1, h, w, batch]);
};

/** The same, and the pixels of the result brought into phases. */
const blockwise: Way = (pixels, at, kernel, bias, p) => {
  const y = plain(cut(pixels, at), at, kernel, bias, 1);
  const [filters, , height, width, batch] = y.shape as [number, number, number, number, number];
  const [h, w] = [height / p, width / p];
  const byBlock = reshape(y, [filters, h, p, w, p, batch]);
  return reshape(transpose(byBlock, [0, 2, 4, 1, 3, 5]), [filters, p * p, h, w, batch]);
};

/** A column for each block: a window of all that its p×p pixels see. */
const wide: Way = (pixels, { size }, kernel, bias, p) => {
  const filters = kernel.shape[3]!;
  const columns = patches(pixels, { size: [size[0] + p - 1, size[1] + p - 1], stride: [p, p] });
  const [rows, h, w, batch] = columns.shape as [number, number, number, number];
  const biases = bias && reshape(expand(reshape(bias, [filters, 1]), [filters, p * p]), [filters * p * p]);
  const y = affine(wideKernels(kernel, p), reshape(columns, [rows, h * w * batch]), biases);
  return reshape(y, [filters, p * p, h, w, batch]);
};

/** kernelsᵀ·columns + bias, one for each row. */
function affine(kernels: Tensor, columns: Tensor, bias: Tensor | undefined): Tensor {
  const product = matmul(kernels, columns, { transposeA: true });
  return bias ? add(product, reshape(bias, [bias.shape[0]!, 1])) : product;
}
