/** @file Layers: each is its weights' shapes, the shape of what it gives, and its formula on the graph; derivatives follow.
 *  Public shapes are Keras's: images (H, W, C), kernels (kh, kw, in, out) and (in, out), features raveled (h, w, c). Inside, an activation lies as
 *  suits the next product; only this file knows the layouts. */
import {
  add,
  constant,
  matmul,
  mul,
  patches,
  reshape,
  type Shape,
  scalar,
  sizeOf,
  sum,
  type Tensor,
  tanh as tanhOf,
  transpose,
  windows,
} from '../graph/index.ts';

/** What flows between layers. `images` (B, H, W, C) · `maps` (p², C, h, w, B): the pixels of maps (C, p·h, p·w), split into p×p phases, batch last ·
 *  `rows` (B, features) · `columns` (features, B). */
export interface Activation {
  readonly layout: 'images' | 'maps' | 'rows' | 'columns';
  readonly tensor: Tensor;
}

/** Logical shape of one sample: [H, W, C] or [features]. */
export type SampleShape = readonly number[];

/** A layer of one kind; `O` are its options. */
export interface Layer<O> {
  /** Weight tensors by name, in the order in which they stand in the flat vector. */
  weights(options: O, input: SampleShape): Readonly<Record<string, Shape>>;
  /** @throws RangeError when the layer does not take such an input. */
  output(options: O, input: SampleShape): SampleShape;
  forward(
    x: Activation,
    weights: Readonly<Record<string, Tensor>>,
    options: O,
    input: SampleShape,
  ): Activation;
}

const none = {};

/** y = x·w + b, with x (B, D), w (D, units), b (units), y (B, units). */
export const dense: Layer<{ readonly units: number }> = {
  weights: ({ units }, [features]) => ({ kernel: [features!, units], bias: [units] }),
  output: ({ units }, input) => {
    if (input.length !== 1)
      throw new RangeError(`dense needs flat features, got ${input.join('×')}; put a flatten before it`);
    return [units];
  },
  forward: (x, { kernel, bias }) => ({
    layout: 'rows',
    tensor: add(matmul(x.tensor, kernel!, { transposeA: x.layout === 'columns' }), bias!),
  }),
};

/** Convolution 'valid', stride 1, kernel (k, k, in, filters): y[p, q, f] = Σ x[p+i, q+j, c]·kernel[i, j, c, f] + bias[f]. With `phases` p > 1 the pixels
 *  that a p×p pooling will join come out side by side; rows and columns beyond the last whole p×p block are not computed. */
export const conv: Layer<{ readonly filters: number; readonly kernel: number; readonly phases?: number }> = {
  weights: ({ filters, kernel }, [, , channels]) => ({
    kernel: [kernel, kernel, channels!, filters],
    bias: [filters],
  }),
  output: ({ filters, kernel, phases = 1 }, input) => {
    const [height, width] = input;
    if (input.length !== 3) throw new RangeError(`conv needs maps H×W×C, got ${input.join('×')}`);
    if (kernel + phases - 1 > Math.min(height!, width!))
      throw new RangeError(`a ${kernel}×${kernel} kernel does not fit into maps of ${height}×${width}`);
    const [h, w] = windows(height!, width!, [kernel + phases - 1, kernel + phases - 1], [phases, phases]);
    return [h * phases, w * phases, filters];
  },
  forward: (x, { kernel, bias }, { filters, kernel: k, phases = 1 }) => {
    const window = k + phases - 1;
    const columns = patches(maps(x), { size: [window, window], stride: [phases, phases] });
    const [rows, h, w, batch] = columns.shape as [number, number, number, number];
    const repeat = constant(
      Float64Array.from(
        { length: phases ** 2 * filters ** 2 },
        (_, i) => +(Math.floor(i / filters) % filters === i % filters),
      ),
      [phases ** 2 * filters, filters],
    );
    const biases = matmul(repeat, reshape(bias!, [filters, 1]));
    const y = add(
      matmul(phaseKernels(kernel!, phases), reshape(columns, [rows, h * w * batch]), { transposeA: true }),
      biases,
    );
    return { layout: 'maps', tensor: reshape(y, [phases ** 2, filters, h, w, batch]) };
  },
};

/** y = tanh x, elementwise. */
export const tanh: Layer<object> = {
  weights: () => none,
  output: (_, input) => input,
  forward: x => ({ ...x, tensor: tanhOf(x.tensor) }),
};

/** Mean over size×size blocks that do not overlap; incomplete blocks at the lower and right border are dropped. */
export const averagePool: Layer<{ readonly size: number }> = {
  weights: () => none,
  output: ({ size }, input) => {
    const [height, width, channels] = input;
    if (input.length !== 3) throw new RangeError(`pooling needs maps H×W×C, got ${input.join('×')}`);
    if (size > Math.min(height!, width!))
      throw new RangeError(`a ${size}×${size} block does not fit into maps of ${height}×${width}`);
    return [Math.floor(height! / size), Math.floor(width! / size), channels!];
  },
  forward: (x, _, { size }) => {
    const split = x.layout === 'maps' && x.tensor.shape[0] === size ** 2 ? x.tensor : phasesOf(maps(x), size);
    return { layout: 'maps', tensor: mul(sum(split, [0]), scalar(1 / size ** 2)) };
  },
};

/** Maps or images as features raveled (h, w, c). */
export const flatten: Layer<object> = {
  weights: () => none,
  output: (_, input) => [sizeOf(input)],
  forward: (x, _, __, input) => {
    if (x.layout === 'images')
      return { layout: 'rows', tensor: reshape(x.tensor, [x.tensor.shape[0]!, sizeOf(input)]) };
    const pixels = maps(x);
    return {
      layout: 'columns',
      tensor: reshape(transpose(pixels, [1, 2, 0, 3]), [sizeOf(input), pixels.shape[3]!]),
    };
  },
};

/** All layers by the name under which a model lists them. */
export const layers = { dense, conv, tanh, averagePool, flatten };

/** One layer of a model: its name and options. */
export type LayerSpec = {
  readonly [L in keyof typeof layers]: { readonly layer: L } & ((typeof layers)[L] extends Layer<infer O>
    ? O
    : never);
}[keyof typeof layers];

/** Maps as (C, H, W, B), whatever the layout. @throws RangeError for phases that no pooling has joined. */
function maps({ layout, tensor }: Activation): Tensor {
  if (layout === 'images') return transpose(tensor, [3, 1, 2, 0]);
  if (layout !== 'maps' || tensor.shape[0] !== 1)
    throw new RangeError(`no maps: ${layout} (${tensor.shape})`);
  return reshape(tensor, tensor.shape.slice(1));
}

/** (C, H, W, B) → (p², C, h, w, B). */
function phasesOf(x: Tensor, p: number): Tensor {
  const [channels, height, width, batch] = x.shape as [number, number, number, number];
  const cut = patches(x, { size: [p, p], stride: [p, p] });
  return reshape(cut, [p * p, channels, Math.floor(height / p), Math.floor(width / p), batch]);
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
