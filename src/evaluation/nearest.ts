/** @file The nearest neighbour as a classifier without a network (Cover & Hart 1967). In: labelled images. Out: a confusion matrix on the test images. */

import { gatherer } from '../shared/data/batches.ts';
import type { DataSet } from '../shared/data/types.ts';
import type { Labelled } from './slots.ts';

/** Takes each test image for what the nearest of `known` shows, by Euclidean distance in the network's space; of equally near ones the first. Labels are one-hot.
 *  @returns the confusion matrix (K·K), as Accuracy has it */
export function nearestNeighbours(
  { test, normalisation, classNames }: DataSet,
  known: Labelled,
): Uint32Array {
  const k = classNames.length;
  const m = known.labels.length / k;
  const pixels = known.images.length / m;
  const classes = Array.from({ length: m }, (_, i) => known.labels.subarray(i * k, (i + 1) * k).indexOf(1));
  const gather = gatherer(test, normalisation);
  const [index, x] = [new Uint32Array(1), new Float32Array(pixels)];
  const confusion = new Uint32Array(k * k);
  for (let i = 0; i < test.count; i++) {
    index[0] = i;
    gather(index, x);
    confusion[test.labels[i]! * k + classes[nearest(x, known.images, m)]!]!++;
  }
  return confusion;
}

/** Number of the row of `rows` (m, P) that is nearest to `x` (P). A row is left as soon as it is farther than the nearest so far. */
function nearest(x: Float32Array, rows: Float32Array, m: number): number {
  const size = x.length;
  const stride = 16;
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let row = 0; row < m; row++) {
    let distance = 0;
    for (let first = 0; first < size && distance < least; first += stride) {
      const last = Math.min(size, first + stride);
      for (let p = first, q = row * size + first; p < last; p++, q++) distance += (x[p]! - rows[q]!) ** 2;
    }
    if (distance < least) [best, least] = [row, distance];
  }
  return best;
}
