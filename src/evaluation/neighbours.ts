/** @file Nearest neighbours on the images of two baselines: what the images are worth without a network. In: data. Out: accuracies on the test images. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { summary } from '../coordinator/judge.ts';
import type { Neighbours } from './comparison.ts';
import { type Desk, shares, sharesByClass } from './exam.ts';
import { nearestNeighbours } from './nearest.ts';
import type { RealImages } from './realImages.ts';
import type { Labelled } from './slots.ts';

/** Draws of random images at most: each takes as many distances as there are test images times M. */
const drawLimit = 10;

/** On the same draws as the networks', and on the class means where every class has an image. @throws the signal's reason when it aborts meanwhile. */
export async function neighbours(
  { job, plan, signal }: Desk,
  real: RealImages,
  slots: readonly number[] | undefined,
): Promise<Neighbours[]> {
  const judged = async (name: Neighbours['name'], sets: readonly Labelled[]): Promise<Neighbours> => {
    const matrices: Uint32Array[] = [];
    for (const set of sets) {
      await eventLoopTurn();
      signal?.throwIfAborted();
      matrices.push(nearestNeighbours(job.data, set));
    }
    return { name, accuracy: summary(shares(matrices, plan)), perClass: sharesByClass(matrices, plan) };
  };
  const count = Math.min(job.config.evalNets, drawLimit);
  const draws = Array.from({ length: count }, (_, draw) => real.draw('test', draw, slots));
  const onDraws = await judged('random', draws);
  if (slots === undefined) return [onDraws];
  const classes = [...new Array(plan.classes).keys()];
  return [onDraws, await judged('class-means', [real.meansIn(classes)])];
}
