/** @file NumPy's .npz: a zip of .npy arrays. In: named arrays; out: bytes that `numpy.load` reads, and back. Source: numpy.lib.format.
 *  Weak spot: reads the four types of `elementTypes` in row-major order; other types and Fortran order are refused. */
import { badFile } from './reading.ts';
import {
  assertWhole,
  bytesOf,
  elementCount,
  elementTypeNames,
  elementTypeOf,
  elementTypes,
  maxRank,
  type StoredTensor,
  showShape,
  tensorFrom,
} from './storedTensor.ts';
import { unzip, type ZipLimits, zip, zipLimits } from './zip.ts';

/** A .npz, uncompressed, the same bytes for the same arrays in the same order.
 *  @throws RangeError for an array that does not fit its shape. */
export function encodeNpz(arrays: Readonly<Record<string, StoredTensor>>): Uint8Array {
  return zip(new Map(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(name, array)])));
}

/** The arrays by name, in a record without prototype; compressed files (`savez_compressed`) are read too.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'bad-file' for anything but a whole .npz within `zipLimits`, each array exactly as long as its shape says. */
export function decodeNpz(bytes: Uint8Array, where: string): Readonly<Record<string, StoredTensor>> {
  const arrays: Record<string, StoredTensor> = Object.create(null);
  for (const [name, { type, shape, data, where: member }] of npyMembers(bytes, where)) {
    const known = elementTypeNames.find(known => elementTypes[known].npy === type);
    if (known === undefined)
      throw badFile(
        member,
        'little-endian f8, f4, i4 or u1 in row-major order',
        `${type} ${showShape(shape)}`,
      );
    const odd = shape.length > maxRank || shape.some(axis => axis > zipLimits.bytes);
    if (odd || elementCount(shape) * elementTypes[known].bytes !== data.length)
      throw badFile(member, `the bytes of ${known} ${showShape(shape)}`, `${data.length} bytes`);
    arrays[name] = tensorFrom(known, shape, data);
  }
  return arrays;
}

/** An array as a .npz holds it, whatever its type. */
export interface NpyMember {
  /** NumPy's name of the type, such as '<i8'. */
  readonly type: string;
  readonly shape: readonly number[];
  /** All bytes after the header: as many as type and shape say is for the reader to check. */
  readonly data: Uint8Array;
  /** The file and the member, for messages. */
  readonly where: string;
}

/** The members of a .npz, of any type.
 *  @throws DistillError 'bad-file' for anything but a .npz within `limits` of arrays in row-major order. */
export function npyMembers(
  bytes: Uint8Array,
  where: string,
  limits: ZipLimits = zipLimits,
): Map<string, NpyMember> {
  const members = new Map<string, NpyMember>();
  for (const [file, content] of unzip(bytes, where, limits)) {
    if (!file.endsWith('.npy')) throw badFile(where, 'members called ….npy', file);
    members.set(file.slice(0, -4), openNpy(content, `${where}: ${file}`));
  }
  return members;
}

const magic = [0x93, ...new TextEncoder().encode('NUMPY')];

/** Magic, version 1.0, header length, header: a Python dict, padded with blanks so that the data start at a multiple of 64. */
function encodeNpy(name: string, array: StoredTensor): Uint8Array {
  assertWhole(name, array);
  const axes = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const { npy } = elementTypes[elementTypeOf(array)];
  const dict = `{'descr': '${npy}', 'fortran_order': False, 'shape': (${axes}), }`;
  const start = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const file = new Uint8Array(start + array.data.byteLength);
  file.set([...magic, 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dict.padEnd(start - 11)}\n`), 10);
  file.set(bytesOf(array), start);
  return file;
}

const header =
  /^\{'descr': '([^']{1,9})', 'fortran_order': (True|False), 'shape': \(([0-9, ]{0,200})\),? ?\}[ \n]*$/;

function openNpy(bytes: Uint8Array, where: string): NpyMember {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte))
    throw badFile(where, 'a .npy array', 'other bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [lengthAt, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const dict = new TextDecoder('latin1').decode(
    bytes.subarray(lengthAt, lengthAt + Math.min(length, 10_000)),
  );
  const [, type, fortran, axes] = header.exec(dict) ?? [];
  if (type === undefined || axes === undefined) throw badFile(where, 'a .npy header', dict.slice(0, 100));
  if (fortran === 'True') throw badFile(where, 'an array in row-major order', dict.slice(0, 100));
  const shape = (axes.match(/\d+/g) ?? []).map(Number);
  const data = bytes.subarray(lengthAt + length);
  return { type, shape, data, where };
}
