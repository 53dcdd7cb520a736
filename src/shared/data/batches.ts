/** @file Which images a task sees, and their pixels in the network's space. Everything here is a function of (seed, step): every worker finds the same. */
import { permutation, type Stream, stream } from '../random/index.ts';
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

/** Mini-batches of `batch` out of 0 … count−1, one after the other: each number once in the random order of its epoch, what is left at an epoch's end is dropped.
 *  `random`: what each epoch's order is drawn from. */
export function dealer(count: number, batch: number, random: (epoch: number) => Stream): () => Uint32Array {
  let [epoch, left]: [number, Uint32Array] = [0, new Uint32Array()];
  return () => {
    if (left.length < batch) left = permutation(count, random(epoch++));
    const dealt = left.subarray(0, batch);
    left = left.subarray(batch);
    return dealt;
  };
}

/** Brings images of one set into the network's space: (pixel/255 − mean)/std by channel, rounded to float32. */
export type Gather = (indices: Uint32Array, into: Float32Array) => Float32Array;

/** A gatherer for `set`: fills `into` (B, H, W, C) with the images `indices` and returns it. A row is copied out of shared memory first and every
 *  pixel is looked up in a table, which is faster than reading and computing pixel by pixel. */
export function gatherer(set: ImageSet, { mean, std }: Normalisation): Gather {
  const size = set.images.length / set.count;
  const channels = mean.length;
  const row = new Uint8Array(size);
  const table = new Float32Array(256 * channels);
  for (let i = 0; i < table.length; i++) table[i] = ((i % 256) / 255 - mean[i >> 8]!) / std[i >> 8]!;
  return (indices, into) => {
    for (let b = 0; b < indices.length; b++) {
      const first = indices[b]! * size;
      row.set(set.images.subarray(first, first + size));
      const offset = b * size;
      if (channels === 1) for (let i = 0; i < size; i++) into[offset + i] = table[row[i]!]!;
      else for (let i = 0; i < size; i++) into[offset + i] = table[((i % channels) << 8) | row[i]!]!;
    }
    return into;
  };
}

/** One-hot labels (B, K) of the images `indices`: for each class c the class targets[c] of 0 … K−1. */
export function oneHot(set: ImageSet, indices: Uint32Array, targets: readonly number[]): Float32Array {
  const out = new Float32Array(indices.length * targets.length);
  indices.forEach((index, b) => {
    out[b * targets.length + targets[set.labels[index]!]!] = 1;
  });
  return out;
}
