/** @file What a distilled set says of itself, as the metadata strings of its safetensors file, versions 1 and 2. One schema gives the type, the check
 *  and both directions; every value but plain text is JSON. Published in README and docs: a new field is optional, a change is a new version. */
import { z } from 'zod';
import { classNames, dataSource, json, layersByName, normalisation, sha256, text } from './metadataFields.ts';

export const formatName = 'distill-cluster';
/** Written; version 1, which knew one order and no decay, is read too. */
export const formatVersion = '2';
export const readableVersions = ['1', formatVersion] as const;

/** Prose for whoever opens the file elsewhere; written, never read by us. */
export const prose = {
  image_units:
    'images (M, H, W, C): pixels before normalisation; real images lie in [0, 1], distilled ones may lie outside: do not clip',
  usage:
    'x = (images - mean) / std; draw weights w by the initialisation; for k in 0 .. inner_steps - 1: ' +
    'w <- (1 - decay[k]) * w - eta[k] * gradient of the mean softmax cross-entropy with labels (M, K) over the images of step k; decay is 0 where there is none; ' +
    'eta of shape () is one step size for all, (N, L) has one column per layer with weights, named in columns; images of step k: all with order all; part ' +
    'k mod (inner_steps / epochs) of that many equal parts with order steps; a random batch with order random',
};

export const Metadata = z.object({
  format: z.literal(formatName),
  format_version: z.enum(readableVersions),
  /** Name and version of the program. */
  created_by: text,
  /** Of everything else in the file: see `contentChecksum`. */
  content_sha256: sha256,
  data: json(dataSource),
  class_names: json(classNames),
  normalisation: json(normalisation),
  /** `all`: every inner step sees all images at once; `steps`: the images are cut into inner_steps / epochs equal parts, one for each step of an epoch;
   *  `random`: a random mini-batch of `batch` images. */
  schedule: json(
    z.object({
      inner_steps: z.int().positive(),
      epochs: z.int().positive().default(1),
      order: z.enum(['all', 'steps', 'random']),
      batch: z.int().positive().optional(),
    }),
  ),
  /** With eta (N, L): what each column belongs to, `architecture/layer`. */
  columns: json(z.array(text).max(100_000)).optional(),
  /** The nets it was made for: the specification given to `--models`, and its options. */
  models: text,
  model_options: json(z.record(z.string(), z.unknown())),
  /** The layers of each of them, so that a file can be used where the models are not known. */
  architectures: json(layersByName).optional(),
  /** Classes: after the inner steps images of `from` are to be taken for `to`. */
  attack: json(z.object({ from: text, to: text })).optional(),
  initialisation: json(z.object({ kind: text, mu: z.number(), sigma: z.number() })),
  /** Of the inner steps; softmax cross-entropy where none is told. */
  loss: json(z.enum(['cross-entropy', 'squared'])).optional(),
  /** By which the outer logits were divided: one number, or one per kind of model. */
  temperature: json(z.union([z.number(), z.record(z.string(), z.number())])),
  seed: json(z.int()),
  /** On the test set: mean and standard deviation (fractions of 1) over `nets` fresh nets, under a named protocol. */
  accuracy: json(
    z.object({ mean: z.number(), std: z.number(), nets: z.int().positive(), protocol: text }),
  ).optional(),
});
export type Metadata = z.output<typeof Metadata>;
