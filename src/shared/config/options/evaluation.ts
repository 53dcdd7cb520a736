/** @file Options of the group 'evaluation': how results are judged. Rules in schema.ts. */
import { z } from 'zod';

const positive = z.number().positive();

export const evaluationOptions = {
  evalNets: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .meta({ group: 'evaluation', description: 'fresh networks for the final test accuracy' }),
  validateEvery: z
    .int()
    .min(1)
    .optional()
    .meta({ group: 'evaluation', description: 'outer steps between validations (a twentieth of the run)' }),
  validationNets: z
    .int()
    .min(1)
    .max(10_000)
    .default(4)
    .meta({ group: 'evaluation', description: 'fresh networks per validation' }),
  evalLr: positive.max(1e6).default(0.03).meta({
    group: 'evaluation',
    description: 'step size of ordinary training: until convergence, on all images, and of pretrain',
  }),
  evalMomentum: z
    .number()
    .min(0)
    .max(0.999)
    .default(0.9)
    .meta({ group: 'evaluation', description: 'its momentum' }),
};
