/** @file Trained networks, and what is said of them in their file. Knows the names under which they are stored, no file and no training. */
import { z } from 'zod';
import type { Normalisation } from '../data/types.ts';
import { classNames, dataSource, json, layersByName, normalisation, sha256, text } from './metadataFields.ts';
import { safetensorsLimits } from './safetensors.ts';
import type { StoredTensor } from './storedTensor.ts';

/** R trained networks of one architecture. */
export interface TrainedNetworks {
  readonly layers: Readonly<Metadata['architectures'][string]>;
  /** R. */
  readonly count: number;
  /** (R, P): each network's weights as one flat vector. */
  readonly weights: Float32Array;
  /** Mean over the networks of the loss on the last epoch, in nats. */
  readonly loss: number;
  /** On the test images, shares in [0, 1]: mean and sample standard deviation over `nets` of the networks. */
  readonly accuracy: Readonly<z.output<typeof Accuracy>>;
}

/** Networks that were trained on real images, for `init` 'pretrained:FILE'. */
export interface Networks {
  /** By the name under which `--models` lists the architecture. */
  readonly architectures: Readonly<Record<string, TrainedNetworks>>;
  /** Name of the data set, and sha256 (hex) of its files as `DataSet.checksum`. */
  readonly dataset: string;
  readonly dataChecksum: string;
  readonly classNames: readonly string[];
  /** (H, W, C). */
  readonly imageShape: readonly [number, number, number];
  /** How pixels were brought into the space that the networks see. */
  readonly normalisation: Normalisation;
  /** The specification given to `--models`. */
  readonly models: string;
  /** Passes over the training images. */
  readonly epochs: number;
  readonly seed: number;
  /** Name and version of the program. */
  readonly createdBy: string;
}

export const networksFormat = 'distill-cluster networks';
export const networksVersion = '1';

/** Prose for whoever opens the file elsewhere; written, never read by us. */
export const networksProse = {
  usage:
    'one tensor (R, P) per architecture: R networks, each the weights of its layers in order, kernel then bias, row-major; kernels are (in, out) and (height, width, in, out); ' +
    'the networks see (pixel / 255 - mean) / std',
};

const Accuracy = z.object({
  mean: z.number().min(0).max(1),
  std: z.number().min(0),
  nets: z.int().positive(),
});
const side = z.int().min(1).max(65_536);

export const NetworksMetadata = z.object({
  format: z.literal(networksFormat),
  format_version: z.literal(networksVersion),
  created_by: text,
  /** Of everything else in the file: see `contentChecksum`. */
  content_sha256: sha256,
  data: json(dataSource),
  class_names: json(classNames),
  image_shape: json(z.tuple([side, side, side])),
  normalisation: json(normalisation),
  models: text,
  architectures: json(layersByName),
  epochs: json(z.int().positive()),
  seed: json(z.int()),
  /** Both by architecture. */
  training_loss: json(z.record(z.string(), z.number())),
  accuracy: json(z.record(z.string(), Accuracy)),
});
type Metadata = z.output<typeof NetworksMetadata>;

/** The tensors under their names in files. */
export const networkTensorsOf = ({ architectures }: Networks): Record<string, StoredTensor> =>
  byName(architectures, ({ count, weights }) => ({ shape: [count, weights.length / count], data: weights }));

/** What is said beside the tensors; the checksum is known last. */
export const networksMetadataOf = (networks: Networks): Omit<Metadata, 'content_sha256'> => ({
  format: networksFormat,
  format_version: networksVersion,
  created_by: networks.createdBy,
  data: { name: networks.dataset, sha256: networks.dataChecksum },
  class_names: [...networks.classNames],
  image_shape: [...networks.imageShape],
  normalisation: { mean: [...networks.normalisation.mean], std: [...networks.normalisation.std] },
  models: networks.models,
  architectures: byName(networks.architectures, ({ layers }) => [...layers]),
  epochs: networks.epochs,
  seed: networks.seed,
  training_loss: byName(networks.architectures, ({ loss }) => loss),
  accuracy: byName(networks.architectures, ({ accuracy }) => accuracy),
});

/** A tensor of a file that is known to be float32 (R, P). */
export interface WeightsTensor {
  readonly shape: readonly [number, number];
  readonly data: Float32Array;
}

/** The networks of a file's metadata and tensors, the inverse of the two above. `tensors`: one for each architecture. */
export const networksFrom = (
  metadata: Metadata,
  tensors: Readonly<Record<string, WeightsTensor>>,
): Networks => ({
  architectures: byName(metadata.architectures, (layers, name) => ({
    layers,
    count: tensors[name]!.shape[0],
    weights: tensors[name]!.data,
    loss: metadata.training_loss[name]!,
    accuracy: metadata.accuracy[name]!,
  })),
  dataset: metadata.data.name,
  dataChecksum: metadata.data.sha256,
  classNames: metadata.class_names,
  imageShape: metadata.image_shape,
  normalisation: metadata.normalisation,
  models: metadata.models,
  epochs: metadata.epochs,
  seed: metadata.seed,
  createdBy: metadata.created_by,
});

/** What in the networks does not fit together or is not finite; undefined when they are well. */
export function misfitOfNetworks({
  architectures,
  imageShape: [, , channels],
  normalisation: { mean, std },
}: Networks): { readonly expected: string; readonly found: string } | undefined {
  if (mean.length !== channels || std.length !== channels)
    return { expected: `mean and std of ${channels} channels`, found: `${mean.length} and ${std.length}` };
  if (Object.keys(architectures).length === 0)
    return { expected: 'networks of at least one architecture', found: 'none' };
  for (const [name, { count, weights }] of Object.entries(architectures)) {
    const perNetwork = weights.length / count;
    if (!Number.isInteger(count) || count < 1 || !Number.isInteger(perNetwork) || perNetwork < 1)
      return {
        expected: `weights of one or more networks of ${name}`,
        found: `${weights.length} of ${count}`,
      };
    const at = weights.findIndex(weight => !Number.isFinite(weight));
    if (at >= 0)
      return {
        expected: `finite weights of ${name}`,
        found: `${weights[at]} in network ${Math.floor(at / perNetwork)}`,
      };
  }
  return undefined;
}

/** Of all weights in a file: what a safetensors file may have, less its header. */
export const weightBytesLimit = safetensorsLimits.fileBytes - safetensorsLimits.headerBytes - 8;

const byName = <T, U>(
  record: Readonly<Record<string, T>>,
  value: (item: T, name: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([name, item]) => [name, value(item, name)]));
