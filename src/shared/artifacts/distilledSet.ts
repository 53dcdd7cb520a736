/** @file A distilled set: M images, their labels and step sizes, and all that is needed to use them elsewhere. Knows the names under which it
 *  is stored, no file and no training. */
import type { Normalisation } from '../data/types.ts';
import { formatName, formatVersion, type Metadata } from './distilledMetadata.ts';
import { elementCount, type StoredTensor } from './storedTensor.ts';

/** M distilled images of K classes, and how to train on them. */
export interface DistilledSet {
  /** x̃ (M, H, W, C), pixels before normalisation: real ones lie in [0, 1], these may lie outside. */
  readonly images: Float32Array;
  /** (H, W, C). */
  readonly imageShape: readonly [number, number, number];
  /** ỹ (M, K), one-hot or learned. */
  readonly labels: Float32Array;
  /** η̃, one step size, or N of them. */
  readonly eta: Float32Array;
  /** Whether `eta` is (N), one step size per inner step, or (). */
  readonly etaPerStep: boolean;
  /** N. */
  readonly innerSteps: number;
  /** K names. */
  readonly classNames: readonly string[];
  readonly normalisation: Normalisation;
  /** Name of the data set it stands for. */
  readonly dataset: string;
  /** sha256 (hex) of its files, as `DataSet.checksum`. */
  readonly dataChecksum: string;
  /** The nets it was made for: the specification given to `--models`. */
  readonly models: string;
  readonly modelOptions: Readonly<Record<string, unknown>>;
  readonly init: Readonly<Metadata['initialisation']>;
  /** By which the outer logits were divided: one number, or one per model. */
  readonly temperature: Readonly<Metadata['temperature']>;
  readonly seed: number;
  /** On the test set; mean and std are fractions of 1. */
  readonly accuracy?: Readonly<NonNullable<Metadata['accuracy']>>;
  /** Name and version of the program. */
  readonly createdBy: string;
}

export const tensorNames = ['images', 'labels', 'eta'] as const;
export type TensorName = (typeof tensorNames)[number];

/** The three tensors under their names in files. */
export function tensorsOf(set: DistilledSet): Record<TensorName, StoredTensor> {
  const count = set.images.length / elementCount(set.imageShape);
  return {
    images: { shape: [count, ...set.imageShape], data: set.images },
    labels: { shape: [count, set.classNames.length], data: set.labels },
    eta: { shape: set.etaPerStep ? [set.innerSteps] : [], data: set.eta },
  };
}

/** What is said beside the tensors; the checksum is known last. */
export function metadataOf(set: DistilledSet): Omit<Metadata, 'content_sha256'> {
  return {
    format: formatName,
    format_version: formatVersion,
    created_by: set.createdBy,
    data: { name: set.dataset, sha256: set.dataChecksum },
    class_names: [...set.classNames],
    normalisation: { mean: [...set.normalisation.mean], std: [...set.normalisation.std] },
    schedule: { inner_steps: set.innerSteps, order: 'all' },
    models: set.models,
    model_options: set.modelOptions,
    initialisation: set.init,
    temperature: set.temperature,
    seed: set.seed,
    ...(set.accuracy && { accuracy: set.accuracy }),
  };
}

/** The set of a file's metadata and tensors, the inverse of `metadataOf` and `tensorsOf`. */
export function setFrom(
  metadata: Metadata,
  { images, labels, eta }: Record<TensorName, { shape: readonly number[]; data: Float32Array }>,
): DistilledSet {
  const [, height = 0, width = 0, channels = 0] = images.shape;
  return {
    images: images.data,
    imageShape: [height, width, channels],
    labels: labels.data,
    eta: eta.data,
    etaPerStep: eta.shape.length > 0,
    innerSteps: metadata.schedule.inner_steps,
    classNames: metadata.class_names,
    normalisation: metadata.normalisation,
    dataset: metadata.data.name,
    dataChecksum: metadata.data.sha256,
    models: metadata.models,
    modelOptions: metadata.model_options,
    init: metadata.initialisation,
    temperature: metadata.temperature,
    seed: metadata.seed,
    ...(metadata.accuracy && { accuracy: metadata.accuracy }),
    createdBy: metadata.created_by,
  };
}

/** What in the set does not fit together or is not finite; undefined when it is well. */
export function misfitOf(set: DistilledSet): { expected: string; found: string } | undefined {
  const [channels, { mean, std }] = [set.imageShape[2], set.normalisation];
  if (mean.length !== channels || std.length !== channels)
    return { expected: `mean and std of ${channels} channels`, found: `${mean.length} and ${std.length}` };
  if (set.images.length === 0) return { expected: 'at least one image', found: 'none' };
  for (const name of tensorNames) {
    const at = set[name].findIndex(value => !Number.isFinite(value));
    if (at >= 0) return { expected: `finite ${name}`, found: `${set[name][at]} at ${at}` };
  }
  return undefined;
}
