/** @file `distilled.safetensors`, format version 2: a distilled set as a file others can use. In: the set; out: bytes, and back. Knows the
 *  format and its checks, no training. */
import { z } from 'zod';
import { writeFileWhole } from './atomic.ts';
import { contentChecksum } from './contentChecksum.ts';
import { formatName, Metadata, prose, readableVersions } from './distilledMetadata.ts';
import {
  type DistilledSet,
  type Float32Tensor,
  metadataOf,
  misfitOf,
  setFrom,
  type TensorName,
  tensorNames,
  tensorsOf,
} from './distilledSet.ts';
import { checkIdentity } from './identity.ts';
import { badFile, firstIssue, readWhole } from './reading.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';
import { type StoredTensor, showShape } from './storedTensor.ts';

/** A thousand colour images of 128×128 are 200 MB; a file is read whole and copied once. */
const limitBytes = 2 ** 28;

const identity = { what: 'a distilled set', format: formatName, versions: readableVersions };

const Said = Metadata.omit({ content_sha256: true }); // the checksum is known last

/** The file's bytes, the same for the same set.
 *  @throws RangeError naming what in the set does not fit together, is not finite, or has no place in the format. */
export function encodeDistilled(set: DistilledSet): Uint8Array<ArrayBuffer> {
  const misfit = misfitOf(set);
  if (misfit) throw new RangeError(`distilled set: expected ${misfit.expected}, found ${misfit.found}`);
  const { data, error } = z.safeEncode(Said, metadataOf(set));
  if (error) throw new RangeError(`distilled set: ${firstIssue(error)}`);
  const tensors = tensorsOf(set) as Readonly<Record<string, StoredTensor>>;
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
    const [expected, found] = [fitting[name], tensors[name]].map(t => (t ? showShape(t.shape) : 'none'));
    if (found !== expected) throw badFile(where, `${name} of shape ${expected}`, found!);
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

function metadataFrom(file: Safetensors, where: string): Metadata {
  checkIdentity(file, identity, where);
  const { data, error } = Metadata.safeParse(file.metadata);
  if (error) throw badFile(where, 'the metadata of a distilled set', firstIssue(error));
  return data;
}

function tensorsFrom({ tensors }: Safetensors, where: string): Parameters<typeof setFrom>[1] {
  const float32 = (name: TensorName): Float32Tensor => {
    const { shape, data } = tensors[name] ?? {};
    if (shape && data instanceof Float32Array) return { shape, data };
    throw badFile(where, `a tensor ${name} of type F32`, shape ? 'another type' : 'none');
  };
  const required = { images: float32('images'), labels: float32('labels'), eta: float32('eta') };
  return Object.hasOwn(tensors, 'decay') ? { ...required, decay: float32('decay') } : required;
}
