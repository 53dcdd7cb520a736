/** @file What a network learns from: images with labels, in mini-batches. In: a data set or a distilled one. Out: arrays for a few steps at a time.
 *  Knows the order of images; no network. */
import { dealer, gatherer, oneHot } from '../shared/data/batches.ts';
import type { ImageSet, Normalisation } from '../shared/data/types.ts';
import type { DistilledState } from '../shared/messages/index.ts';
import type { Stream } from '../shared/random/index.ts';

/** `count` images of which `fill` brings those with the numbers `some` into x (B, H, W, C), and their labels into y (B, K). */
export interface Lesson {
  readonly count: number;
  fill(some: Uint32Array, x: Float32Array, y: Float32Array): void;
}

/** The images `indices` of a data set, brought into the network's space, with one-hot labels of `classes`. */
export function realLesson(
  set: ImageSet,
  normalisation: Normalisation,
  indices: Uint32Array,
  classes: number,
): Lesson {
  const gather = gatherer(set, normalisation);
  const itself = Array.from({ length: classes }, (_, c) => c);
  return {
    count: indices.length,
    fill: (some, x, y) => {
      const real = some.map(i => indices[i]!);
      gather(real, x);
      y.set(oneHot(set, real, itself));
    },
  };
}

/** The distilled set as it is, learned labels too. */
export function distilledLesson({ images, labels }: DistilledState, count: number): Lesson {
  const [pixels, classes] = [images.length / count, labels.length / count];
  return {
    count,
    fill: (some, x, y) =>
      some.forEach((i, b) => {
        x.set(images.subarray(i * pixels, (i + 1) * pixels), b * pixels);
        y.set(labels.subarray(i * classes, (i + 1) * classes), b * classes);
      }),
  };
}

/** Sizes of a feeder's arrays: `steps` mini-batches of `batch` images with `pixels` values each, of `classes`. */
export interface FeedSizes {
  readonly steps: number;
  readonly batch: number;
  readonly pixels: number;
  readonly classes: number;
}

/** Gives x (K, B, …) and y (K, B, classes) of the next K steps, in the same arrays each time. The images come in a random order that is drawn anew for each epoch; what
 *  is left at an epoch's end is dropped. Where a batch is all images their order does not matter: they are laid there once. */
export function feeder(
  lesson: Lesson,
  { steps, batch, pixels, classes }: FeedSizes,
  random: (epoch: number) => Stream,
): () => { x: Float32Array; y: Float32Array } {
  const x = new Float32Array(steps * batch * pixels);
  const y = new Float32Array(steps * batch * classes);
  const lay = (k: number, some: Uint32Array): void =>
    lesson.fill(
      some,
      x.subarray(k * batch * pixels, (k + 1) * batch * pixels),
      y.subarray(k * batch * classes, (k + 1) * batch * classes),
    );
  if (batch === lesson.count) {
    const all = Uint32Array.from({ length: batch }, (_, i) => i);
    for (let k = 0; k < steps; k++) lay(k, all);
    return () => ({ x, y });
  }
  const deal = dealer(lesson.count, batch, random);
  return () => {
    for (let k = 0; k < steps; k++) lay(k, deal());
    return { x, y };
  };
}
