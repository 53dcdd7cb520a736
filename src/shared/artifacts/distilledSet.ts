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
  /** η̃ in the shape `paceShape`. */
  readonly eta: Float32Array;
  /** λ, shaped as η̃: before each inner step w ← (1 − λ) w. Absent where the steps do not forget. */
  readonly decay?: Float32Array;
  /** () for one step size, (N) for one per inner step, (N, L) for one per inner step and layer. */
  readonly paceShape: readonly number[];
  /** With (N, L): what the columns belong to, for instance `conv/0.conv`. */
  readonly columns?: readonly string[];
  readonly schedule: Readonly<Metadata['schedule']>;
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
  /** Their layers, by the name under which `models` lists them. */
  readonly architectures?: Readonly<NonNullable<Metadata['architectures']>>;
  /** Where the set is to make networks take one class for another. */
  readonly attack?: Readonly<NonNullable<Metadata['attack']>>;
  readonly init: Readonly<Metadata['initialisation']>;
  /** By which the outer logits were divided: one number, or one per model. */
  readonly temperature: Readonly<Metadata['temperature']>;
  /** Of the inner steps; cross-entropy when left out. */
  readonly loss?: NonNullable<Metadata['loss']>;
  readonly seed: number;
  /** On the test set; mean and std are fractions of 1. */
  readonly accuracy?: Readonly<NonNullable<Metadata['accuracy']>>;
  /** Name and version of the program. */
  readonly createdBy: string;
}

export const tensorNames = ['images', 'labels', 'eta', 'decay'] as const;
export type TensorName = (typeof tensorNames)[number];

/** The tensors under their names in files; `decay` only where there is one. */
export function tensorsOf(set: DistilledSet): Partial<Record<TensorName, StoredTensor>> {
  const count = set.images.length / elementCount(set.imageShape);
  return {
    images: { shape: [count, ...set.imageShape], data: set.images },
    labels: { shape: [count, set.classNames.length], data: set.labels },
    eta: { shape: set.paceShape, data: set.eta },
    ...(set.decay && { decay: { shape: set.paceShape, data: set.decay } }),
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
    schedule: set.schedule,
    models: set.models,
    model_options: set.modelOptions,
    ...(set.columns && { columns: [...set.columns] }),
    ...(set.architectures && { architectures: set.architectures }),
    ...(set.attack && { attack: set.attack }),
    initialisation: set.init,
    ...(set.loss && { loss: set.loss }),
    temperature: set.temperature,
    seed: set.seed,
    ...(set.accuracy && { accuracy: set.accuracy }),
  };
}

export type Float32Tensor = { readonly shape: readonly number[]; readonly data: Float32Array };
type Float32Tensors = Record<Exclude<TensorName, 'decay'>, Float32Tensor> & {
  readonly decay?: Float32Tensor;
};

/** The set of a file's metadata and tensors, the inverse of `metadataOf` and `tensorsOf`. */
export function setFrom(metadata: Metadata, { images, labels, eta, decay }: Float32Tensors): DistilledSet {
  const [, height = 0, width = 0, channels = 0] = images.shape;
  return {
    images: images.data,
    imageShape: [height, width, channels],
    labels: labels.data,
    eta: eta.data,
    ...(decay && { decay: decay.data }),
    paceShape: eta.shape,
    ...(metadata.columns && { columns: metadata.columns }),
    schedule: metadata.schedule,
    classNames: metadata.class_names,
    normalisation: metadata.normalisation,
    dataset: metadata.data.name,
    dataChecksum: metadata.data.sha256,
    models: metadata.models,
    modelOptions: metadata.model_options,
    ...(metadata.architectures && { architectures: metadata.architectures }),
    ...(metadata.attack && { attack: metadata.attack }),
    init: metadata.initialisation,
    ...(metadata.loss && { loss: metadata.loss }),
    temperature: metadata.temperature,
    seed: metadata.seed,
    ...(metadata.accuracy && { accuracy: metadata.accuracy }),
    createdBy: metadata.created_by,
  };
}

type Misfit = { readonly expected: string; readonly found: string } | undefined;

/** What in the set does not fit together or is not finite; undefined when it is well. */
export function misfitOf(set: DistilledSet): Misfit {
  const [channels, { mean, std }] = [set.imageShape[2], set.normalisation];
  if (mean.length !== channels || std.length !== channels)
    return { expected: `mean and std of ${channels} channels`, found: `${mean.length} and ${std.length}` };
  if (set.images.length === 0) return { expected: 'at least one image', found: 'none' };
  for (const name of tensorNames) {
    const values = set[name] ?? new Float32Array();
    const at = values.findIndex(value => !Number.isFinite(value));
    if (at >= 0) return { expected: `finite ${name}`, found: `${values[at]} at ${at}` };
  }
  return misfitOfSchedule(set);
}

function misfitOfSchedule({ schedule, paceShape, columns, images, imageShape }: DistilledSet): Misfit {
  const { inner_steps: steps, epochs, order, batch } = schedule;
  const [n, layers] = paceShape;
  if (n !== undefined && n !== steps)
    return { expected: `${steps} step sizes, one per inner step`, found: `${n}` };
  if (paceShape.length > 2 || (layers ?? 0) !== (columns?.length ?? 0))
    return {
      expected: 'as many named columns as step sizes per inner step',
      found: `${columns?.length ?? 0}`,
    };
  if (steps % epochs !== 0)
    return { expected: `a multiple of ${epochs} epochs`, found: `${steps} inner steps` };
  const count = images.length / elementCount(imageShape);
  if (order === 'steps' && count % (steps / epochs) !== 0)
    return { expected: `as many images for each of ${steps / epochs} steps`, found: `${count} images` };
  if (order === 'random' && (batch === undefined || batch > count))
    return { expected: `mini-batches of at most ${count}`, found: String(batch ?? 'none told') };
  return undefined;
}
