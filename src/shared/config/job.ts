/** @file What coordinator and workers derive from a config and a data set, so that both sides agree: sizes, members, nets, steps. */
import type { DataSet } from '../data/types.ts';
import type { Schedule } from '../distillation/index.ts';
import { DistillError } from '../errors.ts';
import type { StateSizes } from '../messages/index.ts';
import { buildNet, type ModelName, models, type Net } from '../models/index.ts';
import { type Config, membersOf, stepsOf } from './resolve.ts';

/** A run's config together with its data. Plain data: it crosses to worker threads, the pixels staying in shared memory. */
export interface Job {
  readonly config: Config;
  readonly data: DataSet;
}

/** Everything that follows from a job. */
export interface Plan {
  /** The architecture of each member. */
  readonly members: readonly ModelName[];
  /** Each architecture once, in order of appearance. */
  readonly architectures: readonly ModelName[];
  readonly nets: Readonly<Record<string, Net>>;
  readonly schedule: Schedule;
  readonly sizes: StateSizes;
  /** K. */
  readonly classes: number;
  /** Outer steps. */
  readonly steps: number;
}

/** @throws DistillError 'usage' when model, batch or validation do not fit the data. */
export function planOf({ config, data }: Job): Plan {
  const members = membersOf(config.models);
  const architectures = [...new Set(members)];
  const classes = data.classNames.length;
  const training = data.train.count - config.validation;
  if (training < config.batchSize)
    throw new DistillError('usage', 'batchSize and validation', {
      expected: `batchSize + validation of at most ${data.train.count}, the training images of ${data.name}`,
      found: `${config.batchSize} + ${config.validation}`,
      fix: 'lower one of them',
    });
  const nets = Object.fromEntries(
    architectures.map(name => [name, buildNet(name, models[name].layers(config, classes), data.imageShape)]),
  );
  const images = config.imagesPerClass * classes;
  const schedule = { images, innerSteps: config.innerSteps, etaPerStep: config.etaPerStep };
  const pixels = data.imageShape.reduce((a, b) => a * b, 1);
  return {
    members,
    architectures,
    nets,
    schedule,
    sizes: {
      images: images * pixels,
      labels: images * classes,
      eta: config.etaPerStep ? config.innerSteps : 1,
    },
    classes,
    steps: stepsOf(config, training),
  };
}
