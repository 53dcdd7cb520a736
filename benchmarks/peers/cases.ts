/** @file The cases: which net, how many members of one step in one call, on one core or on the whole machine. Plain data. */
import { buildNet, type ModelName, models, type Net } from '../../src/shared/models/index.ts';

export interface Case {
  readonly model: ModelName;
  /** J, networks of one step: the same batch, a w_0 for each. */
  readonly members: number;
  readonly machine: 'one core' | 'all cores';
}

export const cases: Readonly<Record<string, Case>> = {
  logreg: { model: 'logreg', members: 1, machine: 'one core' },
  'logreg × 8': { model: 'logreg', members: 8, machine: 'one core' },
  conv: { model: 'conv', members: 1, machine: 'one core' },
  lenet: { model: 'lenet', members: 1, machine: 'one core' },
  convnet: { model: 'convnet', members: 1, machine: 'one core' },
  'conv × 8, all cores': { model: 'conv', members: 8, machine: 'all cores' },
};

/** M distilled images, N inner steps, B real images, K classes. */
export const sizes = { images: 10, innerSteps: 10, batch: 256, classes: 10 } as const;

export const netOf = (model: ModelName): Net =>
  buildNet(
    model,
    models[model].layers({ kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 }, sizes.classes),
    [28, 28, 1],
  );
