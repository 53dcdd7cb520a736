/** @file `step-….safetensors`, format version 1: a checkpoint as a file. In: the checkpoint; out: bytes, and back, every number to its last bit. Knows the format and its
 *  checks; whether a run may go on from it is for `resuming`. */
import { z } from 'zod';
import type { Candidate } from '../coordinator/candidates.ts';
import type { Moments } from '../coordinator/optimiser.ts';
import type { Snapshot } from '../coordinator/snapshot.ts';
import { contentChecksum } from '../shared/artifacts/contentChecksum.ts';
import { checkIdentity } from '../shared/artifacts/identity.ts';
import {
  badFile,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from '../shared/artifacts/index.ts';
import { firstIssue } from '../shared/artifacts/reading.ts';
import { resolveConfig, withoutConnection } from '../shared/config/index.ts';
import { type Part, parts } from '../shared/messages/index.ts';
import type { Checkpoint } from './checkpoint.ts';
import { format, Metadata, version } from './metadata.ts';
import { tensorsIn } from './tensorsIn.ts';

const identity = { what: 'a checkpoint', format, versions: [version] };

/** Tensors: `images`, `labels`, `eta`, `decay` (n), float32; `first.images` … and `second.images` … (n, or 0 without moments), `usual_norms` (4) and `validations`
 *  (v, 2: step and accuracy), float64; `candidates.images` … (c, n), float32. @throws RangeError when a figure is not finite. */
export function encodeCheckpoint({ snapshot, origin }: Checkpoint): Uint8Array<ArrayBuffer> {
  const { state, candidates, validations, finalLoss, wallSeconds } = snapshot;
  const { config, data, layers, networks, made } = origin;
  const { data: metadata, error } = z.safeEncode(Metadata, {
    format,
    format_version: version,
    step: state.step,
    final_loss: finalLoss,
    wall_seconds: wallSeconds,
    candidates: candidates.map(({ state, accuracy }) => ({ step: state.step, accuracy: { ...accuracy } })),
    config: withoutConnection(config),
    data,
    layers: Object.fromEntries(Object.entries(layers).map(([name, own]) => [name, [...own]])),
    networks,
    versions: made.versions,
    machine: made.machine,
  });
  if (error) throw new RangeError(`checkpoint: ${firstIssue(error)}`);
  const flat = (values: StoredTensor['data']): StoredTensor => ({ shape: [values.length], data: values });
  const tensors: Record<string, StoredTensor> = {
    usual_norms: flat(Float64Array.from(parts, part => state.moments[part].usualNorm)),
    validations: {
      shape: [validations.length, 2],
      data: Float64Array.from(validations.flatMap(({ step, accuracy }) => [step, accuracy])),
    },
  };
  for (const part of parts) {
    tensors[part] = flat(state[part]);
    tensors[`first.${part}`] = flat(state.moments[part].first);
    tensors[`second.${part}`] = flat(state.moments[part].second);
    tensors[`candidates.${part}`] = {
      shape: [candidates.length, state[part].length],
      data: joined(candidates.map(candidate => candidate.state[part])),
    };
  }
  const said = Object.fromEntries(
    Object.entries(metadata as Record<string, string | undefined>).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  return encodeSafetensors(tensors, {
    ...said,
    content_sha256: contentChecksum({ tensors, metadata: said }),
  });
}

/** The checkpoint, checked: format and version, checksum, schema, shapes that fit together, a config.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'bad-file'; 'usage' when the config is none of this version's */
export function decodeCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const file = decodeSafetensors(bytes, where);
  checkIdentity(file, identity, where);
  const { data: said, error } = Metadata.safeParse(file.metadata);
  if (error) throw badFile(where, 'the metadata of a checkpoint', firstIssue(error));
  const { floats, doubles, rows } = tensorsIn(file, where);
  const set = of(part => floats(part));
  const size = (part: Part): number => set[part].length;
  const usual = doubles('usual_norms', [parts.length]);
  const moments = of((part, i): Moments => {
    const first = doubles(`first.${part}`, [0], [size(part)]);
    return { first, second: doubles(`second.${part}`, [first.length]), usualNorm: usual[i]! };
  });
  const kept = of(part => rows(`candidates.${part}`, said.candidates.length, size(part)));
  const candidates = said.candidates.map(
    ({ step, accuracy }, i): Candidate => ({ state: { step, ...of(part => kept[part][i]!) }, accuracy }),
  );
  const validated = doubles('validations', [undefined, 2]);
  const validations = Array.from({ length: validated.length / 2 }, (_, i) => ({
    step: validated[2 * i]!,
    accuracy: validated[2 * i + 1]!,
  }));
  const snapshot: Snapshot = {
    state: { step: said.step, ...set, moments },
    candidates,
    validations,
    finalLoss: said.final_loss,
    wallSeconds: said.wall_seconds,
  };
  const { data, layers, networks, versions, machine } = said;
  const config = resolveConfig(said.config, option => `${where}: ${option}`);
  const origin = { config, data, layers, ...(networks && { networks }), made: { versions, machine } };
  return { snapshot, origin };
}

const of = <T>(value: (part: Part, i: number) => T): Record<Part, T> =>
  Object.fromEntries(parts.map((part, i) => [part, value(part, i)])) as Record<Part, T>;

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((length, { length: more }) => length + more, 0));
  let at = 0;
  for (const values of arrays) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}
