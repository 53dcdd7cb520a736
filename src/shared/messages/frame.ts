/** @file A frame: what every message is on every wire. In: a kind and a value. Out: bytes, and back. A head of 12 bytes (magic, version, kind, CRC-32 of all the
 *  rest), then msgpack. Bytes that were damaged, cut, or are of another kind, version or program are refused before they are unpacked. Knows no value. */
import { crc32 } from 'node:zlib';
import { Packr, RESET_BUFFER_MODE } from 'msgpackr';
import { DistillError, messageOf } from '../errors.ts';

/** All kinds; a frame says which one it is by its number here. */
export const frameKinds = ['state', 'answer', 'task', 'job', 'call', 'note'] as const;
export type FrameKind = (typeof frameKinds)[number];

/** 'DC'; the version of the frames changes with anything in them. */
const magic = 0x4443;
const frameVersion = 2;
const headBytes = 12;
const checksumAt = 8;

/** Larger than any real frame (x̃ of a thousand 224×224×3 images is 600 MB; what is distilled here is far below). */
export const frameLimitBytes = 256 * 2 ** 20;

const packr = new Packr({ moreTypes: true, useRecords: false });

/** The frame of `value`: plain data and typed arrays. −0 arrives as 0, a Map as an object. */
export function encodeFrame(kind: FrameKind, value: object): Uint8Array {
  const packed = packr.pack(value, RESET_BUFFER_MODE); // in memory that the next one overwrites: a frame is a copy
  const frame = new Uint8Array(headBytes + packed.length);
  const head = new DataView(frame.buffer);
  head.setUint16(0, magic);
  head.setUint8(2, frameVersion);
  head.setUint8(3, frameKinds.indexOf(kind));
  head.setUint32(4, packed.length);
  frame.set(packed, headBytes);
  head.setUint32(checksumAt, checksum(frame));
  return frame;
}

/** The value in a frame of `kind`; typed arrays come in buffers of their own. Checked no further than that it is an object.
 *  @throws DistillError 'bad-file' for anything else, one bounded line. */
export function decodeFrame(bytes: Uint8Array, kind: FrameKind): object {
  if (bytes.byteLength > frameLimitBytes) throw foreign(kind, `${bytes.byteLength} bytes`);
  if (bytes.byteLength < headBytes) throw foreign(kind, `${bytes.byteLength} bytes, less than a head`);
  const head = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
  if (head.getUint16(0) !== magic) throw foreign(kind, 'another format');
  if (head.getUint8(2) !== frameVersion) throw foreign(kind, `version ${head.getUint8(2)}`);
  if (head.getUint8(3) !== frameKinds.indexOf(kind))
    throw foreign(kind, `a frame of kind ${frameKinds[head.getUint8(3)] ?? head.getUint8(3)}`);
  if (head.getUint32(4) !== bytes.byteLength - headBytes)
    throw foreign(kind, `${bytes.byteLength - headBytes} bytes of ${head.getUint32(4)}`);
  if (head.getUint32(checksumAt) !== checksum(bytes)) throw foreign(kind, 'damaged bytes');
  return unpacked(bytes.subarray(headBytes), kind);
}

/** Of all but itself. */
const checksum = (frame: Uint8Array): number =>
  crc32(frame.subarray(headBytes), crc32(frame.subarray(0, checksumAt)));

function unpacked(bytes: Uint8Array, kind: FrameKind): object {
  try {
    const value: unknown = packr.unpack(bytes);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw foreign(kind, messageOf(cause).slice(0, 80)); // the text may hold the message itself
  }
  throw foreign(kind, 'no object');
}

/** The error for a message that is none of ours. */
export const foreign = (kind: string, found: string): DistillError =>
  new DistillError('bad-file', `message '${kind}'`, {
    expected: 'a frame of this program',
    found,
    fix: 'use the same version everywhere',
  });
