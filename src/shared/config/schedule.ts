/** @file The inner steps' schedule, from options: sizes of x̃, η̃ and λ. */
import { type Columns, layerNames, type Order, type Schedule } from '../distillation/index.ts';
import { DistillError } from '../errors.ts';
import type { Net } from '../models/index.ts';
import type { Config } from './resolve.ts';

/** M, by class or in all. @throws DistillError 'usage' when that many images can't be cut as the order asks, or labelled. */
export function imageCount(config: Config, classes: number): number {
  const { images, imagesPerClass, innerSteps, order, learnLabels } = config;
  const parts = order === 'steps' ? innerSteps : 1;
  const m = images ?? imagesPerClass * classes * parts;
  if (m % parts !== 0)
    throw new DistillError('usage', 'images', {
      expected: `a multiple of ${parts}, as many for each inner step`,
      found: String(m),
      fix: 'change images or innerSteps',
    });
  if (m / parts < classes && !learnLabels)
    throw new DistillError('usage', 'images', {
      expected: `at least ${classes * parts} images, one of each class${parts > 1 ? ' and step' : ''}, where labels stay one-hot`,
      found: String(m),
      fix: 'use more images, or learn the labels',
    });
  return m;
}

/** The schedule of each architecture: they differ in the columns of η̃ (N, L) that are theirs. `forgets`: whether there is a decay unless the config says. */
export function schedulesOf(
  config: Config,
  nets: Readonly<Record<string, Net>>,
  forgets: boolean,
): Record<string, Schedule> {
  const [first] = Object.values(nets) as [Net];
  const images = imageCount(config, first.classes);
  const common = {
    images,
    innerSteps: config.innerSteps * config.innerEpochs,
    eta: config.etaPerLayer ? 'layer' : config.etaPerStep ? 'step' : 'one',
    decay: config.learnDecay ?? forgets,
    loss: config.loss,
    order: orderOf(config, first.classes, images),
  } as const;
  const columns = columnsOf(nets);
  return Object.fromEntries(
    Object.keys(nets).map(name => [
      name,
      { ...common, ...(config.etaPerLayer && { columns: columns[name]! }) },
    ]),
  );
}

/** Names of the columns of η̃ (N, L): architecture and layer, architectures in order of appearance. */
export const columnNames = (nets: Readonly<Record<string, Net>>): string[] =>
  Object.entries(nets).flatMap(([name, net]) => layerNames(net).map(layer => `${name}/${layer}`));

function columnsOf(nets: Readonly<Record<string, Net>>): Record<string, Columns> {
  const total = columnNames(nets).length;
  let first = 0;
  return Object.fromEntries(
    Object.entries(nets).map(([name, net]) => {
      const count = layerNames(net).length;
      first += count;
      return [name, { first: first - count, count, total }];
    }),
  );
}

/** A mini-batch of each inner step is picked by a matrix (N, batch, M); it should stay far smaller than the weights' stack. */
const selectLimit = 2 ** 26;

function orderOf(
  { order, innerSteps, innerEpochs, innerBatch }: Config,
  classes: number,
  images: number,
): Order {
  if (order === 'steps') return { kind: order, steps: innerSteps };
  if (order === 'all') return { kind: order };
  const batch = innerBatch ?? Math.min(classes, images);
  const size = innerSteps * innerEpochs * batch * images;
  if (batch <= images && size <= selectLimit) return { kind: order, batch };
  throw new DistillError('usage', 'innerBatch', {
    expected:
      batch > images
        ? `at most ${images}, all images`
        : `inner steps × innerBatch × images of at most ${selectLimit}`,
    found: batch > images ? String(batch) : String(size),
    fix: 'lower it',
  });
}
