/** @file The layers once more, in plain loops over one sample: what a reader of Keras's documentation would write. */
import type { LayerSpec, layers, Net } from '../../../src/shared/models/index.ts';

/** One sample: images and maps (h, w, c), or features. */
export interface Sample {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

type Weights = readonly (readonly number[])[];
type Naive<L extends keyof typeof layers> = (
  x: Sample,
  weights: Weights,
  options: Extract<LayerSpec, { layer: L }>,
) => Sample;

/** Total over the layers: a new one does not compile without its loops. */
const naive: { readonly [L in keyof typeof layers]: Naive<L> } = {
  dense: ({ data }, [kernel, bias], { units }) =>
    sampled([units], u => data.reduce((total, x, i) => total + x * kernel![i * units + u]!, bias![u]!)),

  conv: ({ shape, data }, [weights, bias], { kernel, filters }) => {
    const [height, width, channels] = shape as [number, number, number];
    return sampled([height - kernel + 1, width - kernel + 1, filters], (p, q, f) => {
      let total = bias![f]!;
      for (let i = 0; i < kernel; i++)
        for (let j = 0; j < kernel; j++)
          for (let c = 0; c < channels; c++)
            total +=
              data[((p + i) * width + q + j) * channels + c]! *
              weights![((i * kernel + j) * channels + c) * filters + f]!;
      return total;
    });
  },

  tanh: ({ shape, data }) => ({ shape, data: data.map(Math.tanh) }),

  averagePool: ({ shape, data }, _, { size }) => {
    const [height, width, channels] = shape as [number, number, number];
    return sampled([Math.floor(height / size), Math.floor(width / size), channels], (p, q, c) => {
      let total = 0;
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) total += data[((p * size + i) * width + q * size + j) * channels + c]!;
      return total / size ** 2;
    });
  },

  flatten: ({ data }) => ({ shape: [data.length], data }),
};

/** What `net` gives for one image under the flat weights, layer by layer. Knows the layout of the flat vector only from `net.weights`. */
export function naiveForward(net: Net, image: readonly number[], flat: ArrayLike<number>): readonly number[] {
  let sample: Sample = { shape: net.imageShape, data: image };
  net.layers.forEach((spec, i) => {
    const own = net.weights.filter(({ name }) => name.startsWith(`${i}.`));
    const weights = own.map(({ shape, offset }) =>
      Array.from({ length: sizeOf(shape) }, (_, n) => flat[offset + n]!),
    );
    sample = naiveOf(spec)(sample, weights, spec);
  });
  return sample.data;
}

/** A spec and its loops belong together by name, which a table lookup can't tell the compiler. */
const naiveOf = (spec: LayerSpec) =>
  naive[spec.layer] as (x: Sample, weights: Weights, options: LayerSpec) => Sample;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A sample of `shape`, each element computed from its indices. */
function sampled(shape: readonly number[], f: (...index: number[]) => number): Sample {
  const indices = shape.reduce<number[][]>(
    (all, size) => all.flatMap(index => range(size).map(i => [...index, i])),
    [[]],
  );
  return { shape, data: indices.map(index => f(...index)) };
}

const range = (size: number): number[] => Array.from({ length: size }, (_, i) => i);
