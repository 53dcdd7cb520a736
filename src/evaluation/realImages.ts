/** @file The real training images as baselines take them: by class, without those held out. In: data and plan. Out: draws, class means. */
import type { Job, Plan } from '../shared/config/index.ts';
import { gatherer, split } from '../shared/data/batches.ts';
import { DistillError } from '../shared/errors.ts';
import { sizeOf } from '../shared/graph/index.ts';
import { permutation, type Stream, stream } from '../shared/random/index.ts';
import { dealt, type Labelled, labelsOf } from './slots.ts';

/** What a draw is for: each kind has draws of its own. */
export const drawsFor = { test: 0, validation: 1, best: 2 } as const;

/** The training images that are not held out, and what can be made of them. */
export class RealImages {
  /** For each class the numbers of its images in the training part. */
  readonly byClass: readonly Uint32Array[];

  /** @throws DistillError 'bad-data' when a class has no training image. */
  constructor(
    readonly job: Job,
    readonly plan: Plan,
  ) {
    const { data, config } = job;
    const { training } = split(data.train.count, plan.validation, config.seed);
    this.byClass = data.classNames.map((_, c) => training.filter(i => data.train.labels[i] === c));
    const empty = this.byClass.findIndex(({ length }) => length === 0);
    if (empty >= 0)
      throw new DistillError('bad-data', data.name, {
        expected: 'training images of every class to compare with',
        found: `none of class ${data.classNames[empty]}`,
        fix: 'hold out fewer, or leave the baselines out',
      });
  }

  /** Images `indices` of the training part in the network's space, (n, H, W, C). */
  gathered(indices: Uint32Array): Float32Array {
    const { train, imageShape, normalisation } = this.job.data;
    const pixels = sizeOf(imageShape);
    return gatherer(train, normalisation)(indices, new Float32Array(indices.length * pixels));
  }

  /** Draw number `draw`: M real images, none twice while a class has enough, with one-hot labels. Without slots, M different classes are drawn too. */
  draw(kind: keyof typeof drawsFor, draw: number, slots: readonly number[] | undefined): Labelled {
    const random = stream(this.job.config.seed, 'baselineDraw', drawsFor[kind], draw);
    const { images, classes } = this.plan;
    const shown = slots ?? [...permutation(classes, random).subarray(0, images)];
    const orders = this.byClass.map(own => some(own, shown.length, random));
    const used = orders.map(() => 0);
    const indices = Uint32Array.from(shown, c => orders[c]![used[c]!++ % orders[c]!.length]!);
    return { images: this.gathered(indices), labels: labelsOf(shown, classes) };
  }

  /** The mean (H·W·C) of each class in the network's space. Pixels are whole numbers, so the sums are exact. */
  means(): Float32Array[] {
    const { train, imageShape, normalisation } = this.job.data;
    const { mean, std } = normalisation;
    const pixels = sizeOf(imageShape);
    return this.byClass.map(own => {
      const sums = new Float64Array(pixels);
      for (const index of own) {
        const image = train.images.subarray(index * pixels, (index + 1) * pixels);
        for (let p = 0; p < pixels; p++) sums[p]! += image[p]!;
      }
      return Float32Array.from(sums, (sum, p) => {
        const c = p % mean.length;
        return (sum / own.length / 255 - mean[c]!) / std[c]!;
      });
    });
  }

  /** The class means in the slots; several slots of one class show the same. */
  meansIn(slots: readonly number[]): Labelled {
    return dealt(
      slots,
      this.means().map(mean => [mean]),
    );
  }
}

/** At most `count` of `values`, drawn without replacement. */
export function some(values: Uint32Array, count: number, random: Stream): Uint32Array {
  const order = values.slice();
  const drawn = Math.min(count, order.length);
  for (let i = 0; i < drawn; i++) {
    const j = i + random.below(order.length - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.subarray(0, drawn);
}
