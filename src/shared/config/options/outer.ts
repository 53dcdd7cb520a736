/** @file Options of the group 'outer': the outer optimisation. Rules in schema.ts. */
import { z } from 'zod';
import { models } from '../../models/index.ts';

const positive = z.number().positive();

/** `2500 for logreg, 8000 with conv or mlp`: the models that need as many steps together. */
const stepsByModel = [...new Set(Object.values(models).map(({ steps }) => steps))]
  .sort((a, b) => a - b)
  .map((steps, i) => {
    const names = Object.entries(models).flatMap(([name, model]) => (model.steps === steps ? [name] : []));
    return `${steps} ${i === 0 ? 'for' : 'with'} ${names.join(', ').replace(/, (?=\w+$)/, ' or ')}`;
  })
  .join(', ');

export const outerOptions = {
  steps: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .meta({
      group: 'outer',
      description: `outer steps (${stepsByModel}, unless --epochs is given)`,
    }),
  epochs: positive
    .max(1e6)
    .optional()
    .meta({ group: 'outer', description: 'outer steps as passes over the training images' }),
  batchSize: z
    .int()
    .min(1)
    .max(65_536)
    .default(256)
    .meta({ group: 'outer', description: 'real images per outer step' }),
  optimizer: z.enum(['adam', 'sgd']).default('adam').meta({ group: 'outer', description: 'outer optimiser' }),
  lr: positive.max(1e6).default(0.01).meta({ group: 'outer', description: 'outer step size for the images' }),
  lrEta: positive.max(1e6).default(0.01).meta({ group: 'outer', description: 'outer step size for η̃' }),
  lrLabels: positive
    .max(1e6)
    .default(0.01)
    .meta({ group: 'outer', description: 'outer step size for the labels' }),
  lrDecay: positive
    .max(1e6)
    .default(0.01)
    .meta({ group: 'outer', description: 'outer step size for the decay' }),
  clip: z.number().min(0).max(1e6).default(2).meta({
    group: 'outer',
    description: 'cut gradients longer than this many times their usual norm; 0: none',
  }),
  lrSchedule: z
    .enum(['cosine', 'constant'])
    .default('cosine')
    .meta({ group: 'outer', description: 'outer step sizes over the run' }),
  onNonfinite: z.enum(['stop', 'skip']).default('stop').meta({
    group: 'outer',
    description: 'whether a member without finite loss and gradient ends the run or is left out of that step',
  }),
  seed: z.int().min(0).default(1).meta({ group: 'outer', description: 'seed of everything random' }),
};
