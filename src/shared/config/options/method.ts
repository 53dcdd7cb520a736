/** @file Options of the group 'method': what is distilled and how: images, labels, step sizes, the inner steps. Rules in schema.ts. */
import { z } from 'zod';

const positive = z.number().positive();

export const methodOptions = {
  imagesPerClass: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ group: 'method', description: 'distilled images of each class (with --order steps: and step)' }),
  images: z.int().min(1).max(100_000).optional().meta({
    group: 'method',
    description: 'distilled images in all, instead; may be fewer than classes where labels are learned',
  }),
  innerSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(10)
    .meta({ group: 'method', description: 'inner gradient steps of one inner epoch' }),
  innerEpochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(1)
    .meta({ group: 'method', description: 'passes over them (N = inner steps × inner epochs)' }),
  order: z.enum(['all', 'steps', 'random']).default('all').meta({
    group: 'method',
    description: 'images an inner step sees: all of them, images of its own, or a random mini-batch',
  }),
  innerBatch: z.int().min(1).max(100_000).optional().meta({
    group: 'method',
    description: 'size of that mini-batch (with --order random; as many as classes)',
  }),
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
  etaPerLayer: z.boolean().default(false).meta({
    group: 'method',
    description: 'learn one η̃ per inner step and layer',
  }),
  learnDecay: z.boolean().optional().meta({
    group: 'method',
    description: 'learn a decay λ too, as many as η̃: w ← (1 − λ) w − η̃ ∇l (on for conv)',
    off: 'the inner steps forget nothing',
  }),
  learnLabels: z
    .boolean()
    .default(true)
    .meta({ group: 'method', description: 'learn the labels ỹ too', off: 'keep the labels one-hot' }),
  loss: z
    .enum(['cross-entropy', 'squared'])
    .default('cross-entropy')
    .meta({ group: 'method', description: 'loss of the inner and the outer problem' }),
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
  attackFrom: z.string().min(1).max(200).optional().meta({
    group: 'method',
    placeholder: 'CLASS',
    description: 'attack: images of this class are to be taken for another',
  }),
  attackTo: z.string().min(1).max(200).optional().meta({
    group: 'method',
    placeholder: 'CLASS',
    description: 'attack: the class that they are to be taken for',
  }),
};
