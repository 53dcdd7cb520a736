/** @file Which class each of M images shows, when a baseline takes the place of a distilled set. In: the plan. Out: a class per image. */
import type { Plan } from '../shared/config/index.ts';

/** For each of the M images its class 0 … K−1, so that all classes come equally often, but for a remainder; with order 'steps' in every step's part, where it has
 *  room for all. Undefined when there are fewer images than classes. */
export function slotsOf({ images, classes, schedules }: Plan): number[] | undefined {
  if (images < classes) return undefined;
  const { order } = Object.values(schedules)[0]!;
  const part = order.kind === 'steps' ? images / order.steps : images;
  return Array.from({ length: images }, (_, i) => (part < classes ? i : i % part) % classes);
}

/** One-hot labels (M, K). */
export function labelsOf(slots: readonly number[], classes: number): Float32Array {
  const labels = new Float32Array(slots.length * classes);
  slots.forEach((c, i) => {
    labels[i * classes + c] = 1;
  });
  return labels;
}

/** Images of each class, one array of values per class, dealt out to the slots: the first slot of a class gets its first image, and around again. `perClass`: for
 *  each class at least one image (H·W·C). @returns (M, H, W, C), and one-hot labels (M, K) */
export function dealt(
  slots: readonly number[],
  perClass: readonly (readonly ArrayLike<number>[])[],
): Labelled {
  const pixels = perClass[0]![0]!.length;
  const images = new Float32Array(slots.length * pixels);
  const used = perClass.map(() => 0);
  slots.forEach((c, i) => {
    const own = perClass[c]!;
    images.set(own[used[c]!++ % own.length]!, i * pixels);
  });
  return { images, labels: labelsOf(slots, perClass.length) };
}

/** Images (M, H, W, C) in the network's space and their labels (M, K). */
export interface Labelled {
  readonly images: Float32Array;
  readonly labels: Float32Array;
}
