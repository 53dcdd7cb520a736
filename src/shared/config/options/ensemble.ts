/** @file Options of the group 'ensemble': the networks and where they start. Rules in schema.ts. */
import { z } from 'zod';

/** Ways to draw w_0, beside networks from a file. */
export const initialisations = ['normal', 'truncated-normal', 'xavier', 'he', 'orthogonal', 'fixed'] as const;

export const ensembleOptions = {
  models: z.string().max(500).default('logreg:8').meta({
    group: 'ensemble',
    placeholder: 'SPEC',
    description: 'ensemble members: architecture:count, several by commas; a path is a model of your own',
  }),
  init: z
    .union([z.enum(initialisations), z.string().regex(/^pretrained:./)])
    .default('xavier')
    .meta({
      group: 'ensemble',
      placeholder: 'KIND',
      description: `draw of w_0: ${initialisations.join(', ')}; or pretrained:FILE`,
    }),
  mu: z
    .number()
    .min(-100)
    .max(100)
    .default(0)
    .meta({ group: 'ensemble', description: 'mean of normal and truncated-normal weights' }),
  sigma: z
    .number()
    .min(0)
    .max(100)
    .default(0.05)
    .meta({ group: 'ensemble', description: 'their standard deviation' }),
  kernel: z
    .int()
    .min(1)
    .max(64)
    .default(5)
    .meta({ group: 'ensemble', description: 'height and width of convolution kernels' }),
  filters: z
    .int()
    .min(1)
    .max(4096)
    .default(16)
    .meta({ group: 'ensemble', description: 'channels of convolutions' }),
  hidden: z
    .int()
    .min(1)
    .max(65_536)
    .default(128)
    .meta({ group: 'ensemble', description: 'hidden units of dense layers' }),
  depth: z
    .int()
    .min(1)
    .max(16)
    .default(3)
    .meta({ group: 'ensemble', description: 'blocks of a convnet, each halving the images' }),
  width: z
    .int()
    .min(1)
    .max(4096)
    .default(128)
    .meta({ group: 'ensemble', description: 'channels of each of its blocks' }),
};
