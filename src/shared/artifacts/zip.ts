/** @file Just enough of the zip format for .npz: a few small members, stored or deflated, no zip64, no encryption, no comment. Writing is
 *  fflate's; reading is our own, since fflate 0.8.3 checks no CRC and walks as many entries as a zip64 record says, 2^32 of them too.
 *  Source: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. */
import { crc32, inflateRawSync } from 'node:zlib';
import { type Zippable, zipSync } from 'fflate';
import { messageOf } from '../errors.ts';
import { badFile } from './reading.ts';

/** What is believed of a zip file. */
export interface ZipLimits {
  readonly bytes: number;
  readonly members: number;
}

/** What is believed of a zip file of ours. */
export const zipLimits: ZipLimits = {
  /** Of all members together, unpacked, and of the file: a thousand distilled colour images of 128×128 are 200 MB. */
  bytes: 2 ** 28,
  /** A distilled set has about ten arrays. */
  members: 100,
};

/** A zip of stored members, the same bytes for the same content at any time and in any time zone. */
export function zip(members: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const packed: Zippable = Object.create(null);
  for (const [name, bytes] of members) packed[name] = bytes;
  // zip's earliest day. It has no time zone: fflate writes the local reading of the date, as it is given here.
  return zipSync(packed, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** The members by name, each checked against its CRC-32.
 *  @throws DistillError 'bad-file' for anything but a whole zip file within `limits`. */
export function unzip(bytes: Uint8Array, where: string, limits = zipLimits): Map<string, Uint8Array> {
  if (bytes.length > limits.bytes) throw badFile(where, `at most ${limits.bytes} bytes`, `${bytes.length}`);
  const files = new Map<string, Uint8Array>();
  let room = limits.bytes;
  for (const entry of directory(bytes, where, limits)) {
    if (files.has(entry.name)) throw badFile(where, 'names that differ', `${entry.name} twice`);
    if (entry.size > room) throw badFile(where, `at most ${limits.bytes} bytes unpacked`, 'more');
    room -= entry.size;
    files.set(entry.name, unpack(entry, member(bytes, entry, where), where));
  }
  return files;
}

interface Entry {
  name: string;
  method: number;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

/** The central directory: what the file says that it holds. */
function directory(bytes: Uint8Array, where: string, limits: ZipLimits): Entry[] {
  const end = record(bytes, bytes.length - 22, 22, 0x06054b50, where);
  const count = end.getUint16(10, true);
  if (count > limits.members) throw badFile(where, `at most ${limits.members} members`, `${count}`);
  let at = end.getUint32(16, true);
  const entries = Array.from({ length: count }, () => {
    const head = record(bytes, at, 46, 0x02014b50, where);
    const length = head.getUint16(28, true);
    if (head.getUint16(8, true) & 1) throw badFile(where, 'no encryption', 'an encrypted member');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length));
    at += 46 + length + head.getUint16(30, true) + head.getUint16(32, true);
    return {
      name,
      method: head.getUint16(10, true),
      crc: head.getUint32(16, true),
      packed: head.getUint32(20, true),
      size: head.getUint32(24, true),
      offset: head.getUint32(42, true),
    };
  });
  if (at !== bytes.length - 22)
    throw badFile(where, `a directory of ${count} members`, 'one of other length');
  return entries;
}

/** A member's bytes as they lie in the file. */
function member(bytes: Uint8Array, { name, packed, offset }: Entry, where: string): Uint8Array {
  const head = record(bytes, offset, 30, 0x04034b50, where);
  const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (start + packed > bytes.length)
    throw badFile(where, `${packed} bytes of ${name}`, 'the end of the file');
  return bytes.subarray(start, start + packed);
}

function unpack({ name, method, size, crc }: Entry, packed: Uint8Array, where: string): Uint8Array {
  if (method !== 0 && method !== 8) throw badFile(where, 'members stored or deflated', `method ${method}`);
  let content = packed;
  try {
    if (method === 8) content = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw badFile(where, `${size} bytes of ${name}`, messageOf(cause), { cause });
  }
  if (content.length !== size) throw badFile(where, `${size} bytes of ${name}`, `${content.length}`);
  if (crc32(content) !== crc) throw badFile(where, `${name} with CRC-32 ${crc}`, `${crc32(content)}`);
  return content;
}

/** The record of `length` bytes at `at`, once it is known to lie in the file and to open with its signature. */
function record(bytes: Uint8Array, at: number, length: number, signature: number, where: string): DataView {
  if (at < 0 || at + length > bytes.length) throw badFile(where, 'a zip file', 'a record beyond its ends');
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  if (view.getUint32(0, true) !== signature)
    throw badFile(where, 'a zip file', `no zip record at byte ${at}`);
  return view;
}
