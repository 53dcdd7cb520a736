/** @file What a distilled set says of itself, as the metadata strings of its safetensors file, version 1. One schema gives the type, the check
 *  and both directions; every value but plain text is JSON. Published in README and docs: a new field is optional, a change is version 2. */
import { z } from 'zod';
import { messageOf, oneLine } from '../errors.ts';

export const formatName = 'distill-cluster';
export const formatVersion = '1';

/** A string that holds JSON of `schema`. */
const json = <T extends z.ZodType>(schema: T) =>
  z.codec(z.string(), schema, {
    decode: (text, context) => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.issues.push({ code: 'custom', input: text, message: oneLine(messageOf(error), 100) });
        return z.NEVER;
      }
    },
    encode: value => JSON.stringify(value),
  });

/** Prose for whoever opens the file elsewhere; written, never read by us. */
export const prose = {
  image_units:
    'images (M, H, W, C): pixels before normalisation; real images lie in [0, 1], distilled ones may lie outside: do not clip',
  usage:
    'x = (images - mean) / std; draw weights w by the initialisation; for k in 0 .. inner_steps - 1: ' +
    'w <- w - eta[k] * gradient of the mean over all M images of the softmax cross-entropy with labels (M, K); eta of shape () is one step size for all',
};

const text = z.string().max(10_000);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

export const Metadata = z.object({
  format: z.literal(formatName),
  format_version: z.literal(formatVersion),
  /** Name and version of the program. */
  created_by: text,
  /** Of everything else in the file: see `contentChecksum`. */
  content_sha256: sha256,
  /** The data set's name, and the checksum of its files. */
  data: json(z.object({ name: text, sha256 })),
  class_names: json(z.array(text).min(1).max(100_000)),
  /** Per channel, of real pixels scaled to [0, 1]. */
  normalisation: json(z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) })),
  /** `all`: every inner step sees all images at once. */
  schedule: json(z.object({ inner_steps: z.int().positive(), order: z.literal('all') })),
  /** The nets it was made for: the specification given to `--models`, and its options. */
  models: text,
  model_options: json(z.record(z.string(), z.unknown())),
  initialisation: json(z.object({ kind: text, mu: z.number(), sigma: z.number() })),
  /** By which the outer logits were divided: one number, or one per kind of model. */
  temperature: json(z.union([z.number(), z.record(z.string(), z.number())])),
  seed: json(z.int()),
  /** On the test set: mean and standard deviation (fractions of 1) over `nets` fresh nets, under a named protocol. */
  accuracy: json(
    z.object({ mean: z.number(), std: z.number(), nets: z.int().positive(), protocol: text }),
  ).optional(),
});
export type Metadata = z.output<typeof Metadata>;
