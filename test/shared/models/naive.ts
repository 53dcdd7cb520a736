/** @file The layers once more, in plain loops over one sample: what a reader of Keras's documentation would write. */
import type { LayerSpec, layers, Net } from '../../../src/shared/models/index.ts';
import * as onMaps from './naiveMaps.ts';
import { mapped, type Naive, type Sample, sampled, sizeOf, type Weights } from './samples.ts';

/** Numbers brought to mean 0 and variance 1 within their group, then scaled and shifted by their channel. `group` names a number's group by its index. */
function normalised(
  { shape, data }: Sample,
  { scale, shift }: Weights,
  epsilon: number,
  group: (n: number, channel: number) => string,
): Sample {
  const channels = shape.at(-1)!;
  const names = data.map((_, n) => group(n, n % channels));
  const moments = new Map(
    [...new Set(names)].map(name => {
      const own = data.filter((_, n) => names[n] === name);
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      const variance = own.reduce((total, x) => total + (x - mean) ** 2, 0) / own.length;
      return [name, { mean, deviation: Math.sqrt(variance + epsilon) }] as const;
    }),
  );
  const value = (x: number, n: number): number => {
    const { mean, deviation } = moments.get(names[n]!)!;
    return ((x - mean) / deviation) * (scale?.[n % channels] ?? 1) + (shift?.[n % channels] ?? 0);
  };
  return { shape, data: data.map(value) };
}

/** Total over the layers: a new one does not compile without its loops. */
const naive: { readonly [L in keyof typeof layers]: Naive<L> } = {
  ...onMaps,

  dense: ({ data }, { kernel, bias }, { units }) =>
    sampled([units], u => data.reduce((total, x, i) => total + x * kernel![i * units + u]!, bias?.[u] ?? 0)),

  flatten: ({ data }) => ({ shape: [data.length], data }),
  reshape: ({ data }, _, { shape }) => ({ shape, data }),

  tanh: x => mapped(x, Math.tanh),
  relu: x => mapped(x, v => Math.max(v, 0)),
  sigmoid: x => mapped(x, v => 1 / (1 + Math.exp(-v))),
  softplus: x => mapped(x, v => Math.log(1 + Math.exp(v))),
  elu: (x, _, { alpha = 1 }) => mapped(x, v => (v > 0 ? v : alpha * (Math.exp(v) - 1))),
  leakyRelu: (x, _, { slope = 0.3 }) => mapped(x, v => (v > 0 ? v : slope * v)),
  softmax: ({ shape, data }) => {
    const width = shape.at(-1)!;
    const total = (n: number): number => {
      const first = n - (n % width);
      return data.slice(first, first + width).reduce((sum, v) => sum + Math.exp(v), 0);
    };
    return { shape, data: data.map((v, n) => Math.exp(v) / total(n)) };
  },

  layerNorm: (x, weights, { epsilon = 1e-3 }) =>
    normalised(x, weights, epsilon, n => `${Math.floor(n / x.shape.at(-1)!)}`),
  groupNorm: (x, weights, { groups, epsilon = 1e-3 }) =>
    normalised(x, weights, epsilon, (_, c) => `${Math.floor(c / (x.shape.at(-1)! / groups))}`),
  instanceNorm: (x, weights, { epsilon = 1e-5 }) => normalised(x, weights, epsilon, (_, c) => `${c}`),
};

/** What `net` gives for one image under the flat weights, layer by layer. Knows the layout of the flat vector only from `net.weights`. */
export function naiveForward(net: Net, image: readonly number[], flat: ArrayLike<number>): readonly number[] {
  let sample: Sample = { shape: net.imageShape, data: image };
  net.layers.forEach((spec, i) => {
    const own = net.weights.filter(({ name }) => name.startsWith(`${i}.`));
    const weights = own.map(({ role, shape, offset }) => [
      role,
      Array.from({ length: sizeOf(shape) }, (_, n) => flat[offset + n]!),
    ]);
    sample = naiveOf(spec)(sample, Object.fromEntries(weights), spec);
  });
  return sample.data;
}

/** A spec and its loops belong together by name, which a table lookup can't tell the compiler. */
const naiveOf = (spec: LayerSpec) =>
  naive[spec.layer] as (x: Sample, weights: Weights, options: LayerSpec) => Sample;
