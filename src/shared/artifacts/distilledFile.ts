/** @file `distilled.safetensors`, format version 1: a distilled set as a file others can use. In: the set; out: bytes, and back. Knows the
 *  format and its checks, no training. */
import { z } from 'zod';
import { writeFileWhole } from './atomic.ts';
import { contentChecksum } from './contentChecksum.ts';
import { formatName, formatVersion, Metadata, prose } from './distilledMetadata.ts';
import {
  type DistilledSet,
  metadataOf,
  misfitOf,
  setFrom,
  type TensorName,
  tensorNames,
  tensorsOf,
} from './distilledSet.ts';
import { badFile, firstIssue, readWhole } from './reading.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
import { showShape } from './storedTensor.ts';

/** A thousand colour images of 128×128 are 200 MB; a file is read whole and copied once. */
const limitBytes = 2 ** 28;

const Said = Metadata.omit({ content_sha256: true }); // the checksum is known last

/** The file's bytes, the same for the same set.
 *  @throws RangeError naming what in the set does not fit together, is not finite, or has no place in the format. */
export function encodeDistilled(set: DistilledSet): Uint8Array<ArrayBuffer> {
  const misfit = misfitOf(set);
  if (misfit) throw new RangeError(`distilled set: expected ${misfit.expected}, found ${misfit.found}`);
  const { data, error } = z.safeEncode(Said, metadataOf(set));
  if (error) throw new RangeError(`distilled set: ${firstIssue(error)}`);
  const tensors = tensorsOf(set);
  const metadata = { ...(data as Record<string, string>), ...prose };
  return encodeSafetensors(tensors, { ...metadata, content_sha256: contentChecksum({ tensors, metadata }) });
}

/** The set, checked: format and version, checksum, schema, shapes that fit together, finite numbers.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'bad-file' */
export function decodeDistilled(bytes: Uint8Array, where: string): DistilledSet {
  const file = decodeSafetensors(bytes, where);
  const metadata = metadataFrom(file, where);
  const tensors = tensorsFrom(file, where);
  const set = setFrom(metadata, tensors);
  const misfit = misfitOf(set);
  if (misfit) throw badFile(where, misfit.expected, misfit.found);
  const fitting = tensorsOf(set);
  for (const name of tensorNames) {
    const [expected, found] = [showShape(fitting[name].shape), showShape(tensors[name].shape)];
    if (found !== expected) throw badFile(where, `${name} of shape ${expected}`, found);
  }
  return set;
}

/** Reads a distilled set. @throws DistillError 'bad-file', also when there is no such file. */
export async function loadDistilled(path: string): Promise<DistilledSet> {
  return decodeDistilled(await readWhole(path, 'a distilled set', limitBytes), path);
}

/** Writes a distilled set, whole or not at all. @throws DistillError 'output'; RangeError as `encodeDistilled`. */
export async function saveDistilled(path: string, set: DistilledSet): Promise<void> {
  await writeFileWhole(path, encodeDistilled(set));
}

function metadataFrom({ tensors, metadata }: Safetensors, where: string): Metadata {
  const { format, format_version: version, content_sha256: told, ...said } = metadata;
  if (format !== formatName)
    throw badFile(
      where,
      `a distilled set (metadata format "${formatName}")`,
      format ? `"${format}"` : 'none',
    );
  if (version !== formatVersion)
    throw badFile(where, `format version ${formatVersion}`, version ?? 'none', {
      fix: 'read it with the program that wrote it, or a newer one',
    });
  const counted = contentChecksum({ tensors, metadata: { format, format_version: version, ...said } });
  if (counted !== told) throw badFile(where, `content with sha256 ${told ?? '(none told)'}`, counted);
  const { data, error } = Metadata.safeParse(metadata);
  if (error) throw badFile(where, 'the metadata of a distilled set', firstIssue(error));
  return data;
}

type Float32Tensor = { shape: readonly number[]; data: Float32Array };

function tensorsFrom({ tensors }: Safetensors, where: string): Record<TensorName, Float32Tensor> {
  const float32 = (name: TensorName): Float32Tensor => {
    const { shape, data } = tensors[name] ?? {};
    if (shape && data instanceof Float32Array) return { shape, data };
    throw badFile(where, `a tensor ${name} of type F32`, shape ? 'another type' : 'none');
  };
  return { images: float32('images'), labels: float32('labels'), eta: float32('eta') };
}
