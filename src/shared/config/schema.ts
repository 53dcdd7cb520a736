/** @file All options of a run, each written once: type, range, default and description. Flags, --help, the JSON schema and docs/options.md follow from here.
 *  `.meta` goes last: what comes after it would drop it. */
import { z } from 'zod';
import { models } from '../models/index.ts';

/** Headings under which options are listed, in this order. */
export const groups = {
  data: 'Data',
  method: 'Method',
  ensemble: 'Ensemble',
  outer: 'Outer optimisation',
  evaluation: 'Evaluation',
  execution: 'Execution',
} as const;

const positive = z.number().positive();

/** The options of a run. Names are those of the flags in camel case. */
export const Options = z.strictObject({
  dataset: z
    .enum(['mnist', 'fashion-mnist'])
    .default('mnist')
    .meta({ group: 'data', description: 'data set to distil' }),
  dataDir: z.string().min(1).optional().meta({
    group: 'data',
    placeholder: 'DIR',
    description: 'directory with the IDX files, plain or gz; else package, cache, download',
  }),
  validation: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(5000)
    .meta({ group: 'data', description: 'training images held out to choose the checkpoint' }),

  imagesPerClass: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ group: 'method', description: 'distilled images of each class (M = this × classes)' }),
  innerSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta({ group: 'method', description: 'inner gradient steps N' }),
  eta: positive
    .max(1e6)
    .default(0.02)
    .meta({ group: 'method', description: 'start of the learned step size η̃' }),
  etaMin: positive.max(1e6).default(1e-5).meta({ group: 'method', description: 'lower clamp of η̃' }),
  etaMax: positive.max(1e6).default(1).meta({ group: 'method', description: 'upper clamp of η̃' }),
  etaPerStep: z.boolean().default(true).meta({
    group: 'method',
    description: 'learn one η̃ per inner step',
    off: 'learn one η̃ for all inner steps',
  }),
  learnLabels: z
    .boolean()
    .default(true)
    .meta({ group: 'method', description: 'learn the labels ỹ too', off: 'keep the labels one-hot' }),
  temperature: z
    .union([z.literal('auto'), positive.max(1e6)])
    .default('auto')
    .meta({
      group: 'method',
      description: 'temperature T of the outer loss; auto: what suits each architecture',
    }),
  imageMu: z
    .number()
    .min(-100)
    .max(100)
    .default(0)
    .meta({ group: 'method', description: 'mean of the first x̃ (truncated normal, in normalised pixels)' }),
  imageSigma: z
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .meta({ group: 'method', description: 'standard deviation of the first x̃' }),

  models: z.string().max(500).default('logreg:8').meta({
    group: 'ensemble',
    placeholder: 'SPEC',
    description: 'ensemble members: architecture:count, several by commas',
  }),
  init: z.enum(['normal', 'truncated-normal', 'xavier', 'he', 'fixed']).default('xavier').meta({
    group: 'ensemble',
    placeholder: 'KIND',
    description: 'draw of w_0; fixed: one Xavier draw per member for the whole run',
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

  steps: z
    .int()
    .min(1)
    .max(100_000_000)
    .optional()
    .meta({
      group: 'outer',
      description: `outer steps (${models.logreg.steps} for logreg, ${models.conv.steps} with conv, unless --epochs is given)`,
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
  clip: z.number().min(0).max(1e6).default(2).meta({
    group: 'outer',
    description: 'cut gradients longer than this many times their usual norm; 0: none',
  }),
  lrSchedule: z
    .enum(['cosine', 'constant'])
    .default('cosine')
    .meta({ group: 'outer', description: 'outer step sizes over the run' }),
  seed: z.int().min(0).default(1).meta({ group: 'outer', description: 'seed of everything random' }),

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

  workers: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta({ group: 'execution', description: 'worker threads (all available cores)' }),
  transport: z
    .enum(['threads', 'inline'])
    .default('threads')
    .meta({ group: 'execution', description: 'how workers are reached' }),
  engine: z
    .enum(['onnx', 'reference'])
    .default('onnx')
    .meta({ group: 'execution', description: 'what computes the gradients' }),
});

/** Options as a user gives them: everything may be left out. */
export type Options = z.input<typeof Options>;
export type OptionName = keyof typeof Options.shape;

/** What is written about an option beside its type. */
export interface OptionMeta {
  readonly group: keyof typeof groups;
  readonly description: string;
  readonly placeholder?: string;
  /** What a boolean that is on by default means when it is switched off. */
  readonly off?: string;
}

/** The JSON schema of a config file. */
export const jsonSchema = (): object => z.toJSONSchema(Options, { io: 'input' });
