/** @file What a checkpoint says of itself, as the metadata strings of its safetensors file, version 1: one schema for the check and both directions. A new field is optional,
 *  a change is a new version. */
import { z } from 'zod';
import {
  json,
  layersByName,
  sha256,
  dataSource as source,
  text,
} from '../shared/artifacts/metadataFields.ts';

export const format = 'distill-cluster checkpoint';
export const version = '1';

const step = z.int().min(1);
const share = z.number().min(0).max(1);
const strings = z.record(z.string(), text);
export const Metadata = z.object({
  format: z.literal(format),
  format_version: z.literal(version),
  step: json(step),
  /** Of the step before, in nats. */
  final_loss: json(z.number()),
  wall_seconds: json(z.number().min(0)),
  /** The accuracy of each candidate. */
  candidates: json(
    z.array(
      z.object({
        step,
        accuracy: z.object({ mean: share, std: z.number().min(0), nets: z.int().positive() }),
      }),
    ),
  ),
  config: json(z.record(z.string(), z.unknown())),
  data: json(source),
  layers: json(layersByName),
  networks: sha256.optional(),
  versions: json(strings),
  machine: json(z.object({ platform: text, arch: text, cpu: text, kind: text, cores: z.int() })),
});
