/** @file The safetensors format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes. In: named tensors and metadata
 *  strings; out: bytes, and back. Knows no particular file. Source: huggingface/safetensors, README "Format".
 *  Weak spot: dtypes other than the four of `elementTypes` (float16, int64, …) are refused, not converted. */
import { z } from 'zod';
import { messageOf, oneLine } from '../errors.ts';
import { badFile, firstIssue } from './reading.ts';
import {
  assertWhole,
  bytesOf,
  type ElementType,
  elementCount,
  elementTypeNames,
  elementTypeOf,
  elementTypes,
  maxRank,
  type StoredTensor,
  showShape,
  tensorFrom,
} from './storedTensor.ts';
import { parseStrictJson } from './strictJson.ts';

/** What a file holds. Both records have no prototype: any name, `constructor` and `__proto__` too, is just a name. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is believed of a file. */
export const safetensorsLimits = {
  /** One array buffer's worth, far above any pool of trained nets here. */
  fileBytes: 2 ** 30,
  /** Names, shapes and metadata; ours need kilobytes. Parsing it takes some ten times as much memory. */
  headerBytes: 4 * 2 ** 20,
  /** Weights of a net are tens of tensors, of a pool thousands. */
  tensors: 10_000,
} as const;

const metadataKey = '__metadata__';
const Size = z.int().min(0).max(safetensorsLimits.fileBytes); // an axis of an empty tensor is no licence for 2^53 either
const Entry = z.object({
  dtype: z.enum(elementTypeNames),
  shape: z.array(Size).max(maxRank),
  data_offsets: z.tuple([Size, Size]),
});

/** The file's bytes, the same for the same content: tensors lie by falling element size, then by name, without gaps, the first at a
 *  multiple of 8, so each is aligned to its elements.
 *  @throws RangeError for a tensor that does not fit its shape, a reserved name, or a header above the limit. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.create(null);
  header[metadataKey] = metadata;
  let end = 0;
  const placed = Object.entries(tensors)
    .sort(byAlignment)
    .map(([name, tensor]) => {
      if (name === metadataKey) throw new RangeError(`a tensor cannot be called ${metadataKey}`);
      assertWhole(name, tensor);
      const begin = end;
      end += tensor.data.byteLength;
      header[name] = { dtype: elementTypeOf(tensor), shape: tensor.shape, data_offsets: [begin, end] };
      return { begin, bytes: bytesOf(tensor) };
    });
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = 8 + Math.ceil(json.length / 8) * 8;
  if (start - 8 > safetensorsLimits.headerBytes)
    throw new RangeError(`a header of ${json.length} bytes is too long`);
  const file = new Uint8Array(start + end).fill(0x20, 8, start); // the header is padded with blanks
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  for (const { begin, bytes } of placed) file.set(bytes, start + begin);
  return file;
}

type Named = readonly [name: string, tensor: StoredTensor];
const byAlignment = ([a, x]: Named, [b, y]: Named): number =>
  y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1);

/** Tensors and metadata, each tensor in a buffer of its own: at most the file's size once more.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'bad-file' for anything but a valid file within `safetensorsLimits`: the header must be JSON without double
 *                 names, and the tensors must tile the data exactly, in bounds, without gap or overlap. */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const { header, data } = split(bytes, where);
  const { [metadataKey]: metadata = {}, ...entries } = header;
  const named = Object.entries(entries);
  if (named.length > safetensorsLimits.tensors)
    throw badFile(where, `at most ${safetensorsLimits.tensors} tensors`, `${named.length}`);
  const checked = named.map(([name, entry]) => check(name, entry, where));
  let end = 0;
  for (const { name, begin, end: next } of checked.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== end) throw badFile(where, `tensor ${name} from byte ${end}`, `it from byte ${begin}`);
    end = next;
  }
  if (end !== data.length) throw badFile(where, `${end} bytes of tensors`, `${data.length}`);
  return {
    tensors: bare(checked.map(t => [t.name, tensorFrom(t.dtype, t.shape, data.subarray(t.begin, t.end))])),
    metadata: bare(strings(metadata, where)),
  };
}

function split(bytes: Uint8Array, where: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8 || bytes.length > safetensorsLimits.fileBytes)
    throw badFile(where, `8 to ${safetensorsLimits.fileBytes} bytes`, `${bytes.length}`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const limit = Math.min(bytes.length - 8, safetensorsLimits.headerBytes);
  if (length > limit)
    throw badFile(where, `a safetensors header of at most ${limit} bytes`, `${length} bytes`);
  if (bytes[8] !== 0x7b) throw badFile(where, 'a safetensors header that opens with {', `byte ${bytes[8]}`);
  let header: unknown;
  try {
    header = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw badFile(where, 'a safetensors header in JSON', oneLine(messageOf(cause), 200), { cause });
  }
  return { header: header as Record<string, unknown>, data: bytes.subarray(8 + length) };
}

function check(name: string, value: unknown, where: string) {
  const { data: entry, error } = Entry.safeParse(value);
  if (error) throw badFile(where, `a valid entry for tensor ${oneLine(name, 80)}`, firstIssue(error));
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = entry;
  if (elementCount(shape) * elementTypes[dtype].bytes !== end - begin)
    throw badFile(
      where,
      `${dtype} ${showShape(shape)} for tensor ${oneLine(name, 80)}`,
      `${end - begin} bytes`,
    );
  return { name, dtype: dtype as ElementType, shape, begin, end };
}

function strings(metadata: unknown, where: string): [string, string][] {
  if (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata))
    throw badFile(where, 'metadata that is an object', JSON.stringify(metadata).slice(0, 80));
  return Object.entries(metadata).map(([name, value]) => {
    if (typeof value === 'string') return [name, value];
    throw badFile(where, `a string for metadata ${oneLine(name, 80)}`, typeof value);
  });
}

/** A record that has nothing but its own names. */
function bare<T>(pairs: [string, T][]): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [name, value] of pairs) record[name] = value;
  return record;
}
