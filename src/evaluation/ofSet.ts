/** @file A distilled set as the program takes it again: the options it was made under, and its state for the workers. In: the set. Out: options, state. */
import { basename } from 'node:path';
import type { DistilledSet } from '../shared/artifacts/index.ts';
import { columnNames, type Options, type Plan } from '../shared/config/index.ts';
import { toNetworkSpace } from '../shared/data/space.ts';
import type { DataSet } from '../shared/data/types.ts';
import { DistillError } from '../shared/errors.ts';
import { sizeOf } from '../shared/graph/index.ts';
import type { DistilledState } from '../shared/messages/index.ts';

/** The options under which a set was made, as far as they matter for its use. */
export function optionsOf(set: DistilledSet): Options {
  const { schedule, paceShape } = set;
  const known = {
    dataset: set.dataset,
    models: set.models,
    ...set.modelOptions,
    init: set.init.kind,
    mu: set.init.mu,
    sigma: set.init.sigma,
    innerSteps: schedule.inner_steps / schedule.epochs,
    innerEpochs: schedule.epochs,
    order: schedule.order,
    ...(schedule.batch && { innerBatch: schedule.batch }),
    etaPerStep: paceShape.length > 0,
    etaPerLayer: paceShape.length > 1,
    learnDecay: set.decay !== undefined,
    ...(set.attack && { attackFrom: set.attack.from, attackTo: set.attack.to }),
    ...(set.loss && { loss: set.loss }),
    seed: set.seed,
    images: set.images.length / sizeOf(set.imageShape),
  };
  return known as Options; // from a checked file, and checked again by resolveConfig
}

/** How the set's own data are brought to its images' shape; nothing where other data, or another shape, are asked for. */
export function sizesOf(
  { dataset, imageShape: [height, width, channels] }: DistilledSet,
  options: Options,
): Options {
  if (options.imageSize !== undefined || basename(options.dataset ?? dataset) !== dataset) return {};
  return { imageSize: `${height}x${width}`, ...((channels === 1 || channels === 3) && { channels }) };
}

/** @throws DistillError 'usage' when `data` has other images or classes than the set. */
export function checkData(set: DistilledSet, { imageShape, classNames, name }: DataSet): void {
  if (`${imageShape}` === `${set.imageShape}` && classNames.length === set.classNames.length) return;
  throw new DistillError('usage', 'dataset', {
    expected: `images of ${set.imageShape.join('×')} in ${set.classNames.length} classes, as in the distilled set`,
    found: `${imageShape.join('×')} in ${classNames.length} classes in ${name}`,
    fix: 'name the data set that the set was made from, with its --image-size and --channels',
  });
}

/** The set as workers take it, its paces laid out for the networks of `plan`: a layer that the set has no column for gets the mean over the columns of each inner step. */
export function stateOf(set: DistilledSet, plan: Plan): DistilledState {
  const { images, labels, eta, decay = new Float32Array(), columns, normalisation } = set;
  const laidOut = (pace: Float32Array): Float32Array =>
    columns === undefined || pace.length === 0 ? pace : withColumns(pace, columns, columnNames(plan.nets));
  return {
    images: toNetworkSpace(images, normalisation),
    labels,
    eta: laidOut(eta),
    decay: laidOut(decay),
  };
}

/** (N, L) with other columns: those of the same name, and for unknown ones the mean. */
function withColumns(pace: Float32Array, from: readonly string[], to: readonly string[]): Float32Array {
  const rows = pace.length / from.length;
  const out = new Float32Array(rows * to.length);
  for (let k = 0; k < rows; k++) {
    const row = pace.subarray(k * from.length, (k + 1) * from.length);
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    to.forEach((name, l) => {
      out[k * to.length + l] = row[from.indexOf(name)] ?? mean;
    });
  }
  return out;
}
