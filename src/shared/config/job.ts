/** @file What coordinator and workers derive from a config and a data set, so that both sides agree: sizes, members, nets, steps. */
import type { DataSet } from '../data/types.ts';
import { paceShape, type Schedule } from '../distillation/index.ts';
import { DistillError } from '../errors.ts';
import { sizeOf } from '../graph/index.ts';
import type { StateSizes } from '../messages/index.ts';
import { buildNet, type Net } from '../models/index.ts';
import { type Architectures, architectureOf } from './architectures.ts';
import type { Pool } from './pool.ts';
import { type Config, membersOf } from './resolve.ts';
import { schedulesOf } from './schedule.ts';
import { targetsOf } from './targets.ts';

/** A run's config together with its data. Plain data: it crosses to worker threads, pixels and pre-trained weights staying in shared memory. */
export interface Job {
  readonly config: Config;
  readonly data: DataSet;
  readonly architectures: Architectures;
  /** Networks from a file, by architecture, where `init` names one. */
  readonly pools?: Readonly<Record<string, Pool>>;
}

/** Everything that follows from a job. */
export interface Plan {
  /** The architecture of each member. */
  readonly members: readonly string[];
  /** Each architecture once, in order of appearance. */
  readonly names: readonly string[];
  readonly nets: Readonly<Record<string, Net>>;
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly sizes: StateSizes;
  /** M. */
  readonly images: number;
  /** K. */
  readonly classes: number;
  /** Training images held out to choose the checkpoint. */
  readonly validation: number;
  /** For each class what its images are to be taken for: itself, unless an attack says otherwise. */
  readonly targets: readonly number[];
  /** Shape of η̃ and λ: (), (N) or (N, L). */
  readonly paceShape: readonly number[];
  /** Outer steps. */
  readonly steps: number;
}

/** Training images held out unless told, of a large data set. */
const usualValidation = 5000;

/** @throws DistillError 'usage' when models, batch, validation, images or attack do not fit the data. */
export function planOf({ config, data, architectures }: Job): Plan {
  const members = membersOf(config.models);
  const names = [...new Set(members)];
  const classes = data.classNames.length;
  const validation = config.validation ?? Math.min(usualValidation, Math.floor(data.train.count / 5));
  const training = data.train.count - validation;
  if (training < config.batchSize)
    throw new DistillError('usage', 'batchSize and validation', {
      expected: `batchSize + validation of at most ${data.train.count}, the training images of ${data.name}`,
      found: `${config.batchSize} + ${validation}`,
      fix: 'lower one of them',
    });
  const nets = Object.fromEntries(
    names.map(name => [name, buildNet(name, architectureOf(architectures, name).layers, data.imageShape)]),
  );
  const forgets = names.some(name => architectureOf(architectures, name).decay);
  const schedules = schedulesOf(config, nets, forgets);
  const schedule = schedules[names[0]!]!;
  const shape = paceShape(nets[names[0]!]!, schedule);
  const [images, eta] = [schedule.images, sizeOf(shape)];
  return {
    members,
    names,
    nets,
    schedules,
    sizes: {
      images: images * sizeOf(data.imageShape),
      labels: images * classes,
      eta,
      decay: schedule.decay ? eta : 0,
    },
    images,
    classes,
    validation,
    targets: targetsOf(config, data),
    paceShape: shape,
    steps: stepsOf(config, architectures, training),
  };
}

/** T of the outer loss for one architecture. */
export const temperatureOf = ({ config, architectures }: Job, name: string): number =>
  config.temperature !== 'auto'
    ? config.temperature
    : config.loss === 'squared'
      ? 1 // no logits to be tempered
      : architectureOf(architectures, name).temperature;

/** Outer steps; without --steps and --epochs what the slowest architecture of the ensemble needs. */
function stepsOf(
  { steps, epochs, batchSize }: Config,
  architectures: Architectures,
  trainingImages: number,
): number {
  if (steps !== undefined) return steps;
  if (epochs !== undefined) return Math.max(1, Math.round((epochs * trainingImages) / batchSize));
  return Math.max(...Object.values(architectures).map(a => a.steps));
}
