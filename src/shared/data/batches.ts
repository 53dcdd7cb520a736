/** @file Which images a task sees, and their pixels in the network's space. Everything here is a function of (seed, step): every worker finds the same. */
import { permutation, stream } from '../random/index.ts';
import type { ImageSet, Normalisation } from './types.ts';

/** The training images in two parts: those to distil from, and those held out to choose a checkpoint. */
export interface Split {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/** Splits indices 0 … count−1 at random by `seed`; `validation` of them are held out. */
export function split(count: number, validation: number, seed: number): Split {
  const order = permutation(count, stream(seed, 'split'));
  return { training: order.slice(validation), validation: order.slice(0, validation) };
}

/** The mini-batches of a run: batch `step` is a run of `batchSize` indices in the random order of its epoch; what is left at an epoch's end is dropped.
 *  @throws RangeError when there are fewer images than one batch. */
export function batches(
  training: Uint32Array,
  batchSize: number,
  seed: number,
): (step: number) => Uint32Array {
  const perEpoch = Math.floor(training.length / batchSize);
  if (perEpoch < 1)
    throw new RangeError(
      `a batch of ${batchSize} needs as many training images, there are ${training.length}`,
    );
  let known: { epoch: number; order: Uint32Array } | undefined;
  return step => {
    const epoch = Math.floor(step / perEpoch);
    if (known?.epoch !== epoch)
      known = { epoch, order: permutation(training.length, stream(seed, 'batch', epoch)) };
    const first = (step % perEpoch) * batchSize;
    return known.order.subarray(first, first + batchSize).map(i => training[i]!);
  };
}

/** Pixels of the images `indices` as (B, H, W, C) in the network's space: (pixel/255 − mean)/std by channel, rounded to float32. */
export function gather(set: ImageSet, indices: Uint32Array, { mean, std }: Normalisation): Float32Array {
  const size = set.images.length / set.count;
  const channels = mean.length;
  const values = new Float32Array(256 * channels);
  for (let c = 0; c < channels; c++)
    for (let pixel = 0; pixel < 256; pixel++) values[c * 256 + pixel] = (pixel / 255 - mean[c]!) / std[c]!;
  const out = new Float32Array(indices.length * size);
  let o = 0;
  for (const index of indices) {
    const first = index * size;
    if (channels === 1) for (let i = first; i < first + size; i++) out[o++] = values[set.images[i]!]!;
    else for (let i = 0; i < size; i++) out[o++] = values[(i % channels) * 256 + set.images[first + i]!]!;
  }
  return out;
}

/** One-hot labels (B, K) of the images `indices`. */
export function oneHot(set: ImageSet, indices: Uint32Array, classes: number): Float32Array {
  const out = new Float32Array(indices.length * classes);
  indices.forEach((index, b) => {
    out[b * classes + set.labels[index]!] = 1;
  });
  return out;
}
