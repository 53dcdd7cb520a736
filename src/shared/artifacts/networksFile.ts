/** @file `networks.safetensors`: pools of trained networks as a file. In: networks; out: bytes, and back. Knows the format and its checks, no training. */
import { z } from 'zod';
import { oneLine } from '../errors.ts';
import { writeFileWhole } from './atomic.ts';
import { contentChecksum } from './contentChecksum.ts';
import { checkIdentity } from './identity.ts';
import {
  misfitOfNetworks,
  type Networks,
  NetworksMetadata,
  networksFormat,
  networksFrom,
  networksMetadataOf,
  networksProse,
  networksVersion,
  networkTensorsOf,
  type WeightsTensor,
} from './networks.ts';
import { badFile, firstIssue, readWhole } from './reading.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors, safetensorsLimits } from './safetensors.ts';

const identity = { what: 'pre-trained networks', format: networksFormat, versions: [networksVersion] };

const Said = NetworksMetadata.omit({ content_sha256: true }); // the checksum is known last

/** The file's bytes, the same for the same networks.
 *  @throws RangeError naming what in the networks does not fit together, is not finite, or has no place in the format. */
export function encodeNetworks(networks: Networks): Uint8Array<ArrayBuffer> {
  const misfit = misfitOfNetworks(networks);
  if (misfit) throw new RangeError(`networks: expected ${misfit.expected}, found ${misfit.found}`);
  const { data, error } = z.safeEncode(Said, networksMetadataOf(networks));
  if (error) throw new RangeError(`networks: ${firstIssue(error)}`);
  const tensors = networkTensorsOf(networks);
  const metadata = { ...(data as Record<string, string>), ...networksProse };
  return encodeSafetensors(tensors, { ...metadata, content_sha256: contentChecksum({ tensors, metadata }) });
}

/** The networks, checked: format and version, checksum, schema, shapes that fit together, finite numbers. Whether they fit a model is for the one who uses them.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'bad-file' */
export function decodeNetworks(bytes: Uint8Array, where: string): Networks {
  const file = decodeSafetensors(bytes, where);
  checkIdentity(file, identity, where);
  const { data, error } = NetworksMetadata.safeParse(file.metadata);
  if (error) throw badFile(where, 'the metadata of pre-trained networks', firstIssue(error));
  for (const part of ['architectures', 'training_loss', 'accuracy'] as const)
    checkNames(Object.keys(data[part]), file, `${part} of`, where);
  const networks = networksFrom(data, weightsIn(file, where));
  const misfit = misfitOfNetworks(networks);
  if (misfit) throw badFile(where, misfit.expected, misfit.found);
  return networks;
}

/** Reads pre-trained networks. @throws DistillError 'bad-file', also when there is no such file. */
export async function loadNetworks(path: string): Promise<Networks> {
  return decodeNetworks(await readWhole(path, identity.what, safetensorsLimits.fileBytes), path);
}

/** Writes networks, whole or not at all. @throws DistillError 'output'; RangeError as `encodeNetworks`. */
export async function saveNetworks(path: string, networks: Networks): Promise<void> {
  await writeFileWhole(path, encodeNetworks(networks));
}

/** @throws DistillError 'bad-file' when the metadata speak of other architectures than there are tensors. */
function checkNames(names: readonly string[], { tensors }: Safetensors, part: string, where: string): void {
  const [said, there] = [names, Object.keys(tensors)].map(list => oneLine([...list].sort().join(', '), 80));
  if (names.length !== Object.keys(tensors).length || names.some(name => !Object.hasOwn(tensors, name)))
    throw badFile(where, `${part} its tensors, ${there || 'none'}`, said || 'none');
}

function weightsIn({ tensors }: Safetensors, where: string): Record<string, WeightsTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const [count, weights] = shape;
      if (!(data instanceof Float32Array) || shape.length !== 2 || !count || !weights)
        throw badFile(
          where,
          `a tensor ${oneLine(name, 80)} of type F32 and shape (networks, weights)`,
          `${data.constructor.name} of shape (${shape.join(', ')})`,
        );
      return [name, { shape: [count, weights], data }];
    }),
  );
}
