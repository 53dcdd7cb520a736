/** @file k-means centres of each class, as many as the distilled set has images of it. In: real images. Out: images in the network's space. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { stream } from '../shared/random/index.ts';
import { type RealImages, some } from './realImages.ts';
import { dealt, type Labelled } from './slots.ts';

/** Images of a class that are clustered: a draw, so that it takes seconds; at least a few for each centre. */
const [sampleSize, samplesPerCentre] = [400, 4];
const iterations = 20;

/** The centres (MacQueen 1967; Lloyd's iterations from random images) in the slots. @throws the signal's reason when it aborts meanwhile. */
export async function centresIn(
  real: RealImages,
  slots: readonly number[],
  signal?: AbortSignal,
): Promise<Labelled> {
  const perClass: number[][][] = [];
  for (const c of real.byClass.keys()) {
    await eventLoopTurn(); // the clustering itself never waits: a signal gets its turn between classes
    signal?.throwIfAborted();
    perClass.push(await centresOf(real, c, slots.filter(slot => slot === c).length));
  }
  return dealt(slots, perClass);
}

/** `count` centres of class `c`, or as many as it has images. */
export async function centresOf(real: RealImages, c: number, count: number): Promise<number[][]> {
  const { kmeans } = await import('ml-kmeans'); // late: it brings two hundred modules along
  const random = stream(real.job.config.seed, 'kMeans', 0, c);
  const indices = some(real.byClass[c]!, Math.max(sampleSize, samplesPerCentre * count), random);
  const values = real.gathered(indices);
  const pixels = values.length / indices.length;
  const points = Array.from(indices, (_, i) => [...values.subarray(i * pixels, (i + 1) * pixels)]);
  const seed = random.below(2 ** 31);
  return kmeans(points, Math.min(Math.max(1, count), points.length), {
    initialization: 'random',
    maxIterations: iterations,
    seed,
  }).centroids;
}
