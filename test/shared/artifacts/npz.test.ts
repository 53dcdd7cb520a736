import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { parse } from 'npyjs';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeNpz, encodeNpz } from '../../../src/shared/artifacts/index.ts';
import { bytesOf } from '../../../src/shared/artifacts/storedTensor.ts';
import { damage, damaged, record, storedTensor } from './arbitraries.ts';
import { readOrBadFile } from './expectations.ts';

const arrays = record(fc.stringMatching(/^[a-z_]{1,9}$/), storedTensor);
const fixture = (name: string): Uint8Array => readFileSync(new URL(name, import.meta.url));

describe('npz', () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test('what is written is read back, bit for bit', () =>
    fc.assert(
      fc.property(arrays, written => {
        const read = decodeNpz(encodeNpz(written), 'here');
        expect(Object.keys(read)).toEqual(Object.keys(written));
        for (const [name, array] of Object.entries(written)) {
          expect(read[name]!.shape).toEqual(array.shape);
          expect(read[name]!.data.constructor).toBe(array.data.constructor);
          expect(bytesOf(read[name]!)).toEqual(bytesOf(array));
        }
      }),
    ));

  test('two other readers, of zip and of npy, see the same', () =>
    fc.assert(
      fc.property(storedTensor, array => {
        const { buffer } = Uint8Array.from(unzipSync(encodeNpz({ a: array }))['a.npy']!);
        const { data, shape, fortranOrder } = parse(buffer);
        expect({ shape, fortranOrder }).toEqual({ shape: array.shape, fortranOrder: false });
        expect(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).toEqual(bytesOf(array));
      }),
    ));

  test.each(['numpy.npz', 'numpy-compressed.npz'])('reads %s, made by NumPy 2.4', name => {
    expect({ ...decodeNpz(fixture(name), name) }).toEqual({
      images: { shape: [1, 2, 3, 1], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) },
      eta: { shape: [], data: Float64Array.of(0.02) },
      steps: { shape: [1], data: Int32Array.of(10) },
    });
  });

  test('the bytes do not depend on the time zone', () => {
    const array = { a: { shape: [], data: Float64Array.of(1) } };
    const made = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'].map(place => {
      process.env.TZ = place;
      return encodeNpz(array);
    });
    expect(made[1]).toEqual(made[0]);
    expect(made[2]).toEqual(made[0]);
  });

  test('one byte changed anywhere is found, or changes no value', () => {
    for (const name of ['numpy.npz', 'numpy-compressed.npz']) {
      const whole = fixture(name);
      const content = Object.values(decodeNpz(whole, name));
      for (let at = 0; at < whole.length; at++)
        for (const change of [1, 0x80, 0xff]) {
          const bytes = Uint8Array.from(whole);
          bytes[at]! ^= change;
          const read = readOrBadFile(() => decodeNpz(bytes, name));
          if (read) expect(Object.values(read)).toEqual(content);
        }
    }
  });

  test('cut off anywhere it is refused', () => {
    const whole = fixture('numpy.npz');
    for (let length = 0; length < whole.length; length++)
      expect(readOrBadFile(() => decodeNpz(whole.subarray(0, length), 'here'))).toBeUndefined();
  });

  test('damaged files are refused, or read', () =>
    fc.assert(
      fc.property(fc.constantFrom('numpy.npz', 'numpy-compressed.npz'), damage, (name, damages) => {
        readOrBadFile(() => decodeNpz(damaged(fixture(name), damages), name));
      }),
      { numRuns: 2_000 },
    ));

  const ours = Buffer.from(
    unzipSync(encodeNpz({ a: { shape: [2], data: Float32Array.of(1, 2) } }))['a.npy']!,
  );
  const turned = (from: string, to: string) =>
    Buffer.from(ours.toString('latin1').replace(from, to), 'latin1');
  test.each([
    ['an array cut off', ours.subarray(0, -1), '7 bytes'],
    ['an array with more behind it', Buffer.concat([ours, ours]), '144 bytes'],
    ['a shape that says more', turned('(2,)', '(3,)'), 'F32 (3)'],
    ['too many axes', turned('(2,)', '(2,1,1,1,1,1,1,1,1)').subarray(0, -15), 'F32'],
    ['Fortran order', turned('False', ' True').subarray(0), 'header'],
    ['another byte order', turned('<f4', '>f4'), 'little-endian'],
    ['another type', turned('<f4', '<f2'), 'little-endian'],
    ['other bytes', Buffer.from('P5 28 28 255 and so on'), 'a .npy array'],
    ['nothing', Buffer.alloc(0), 'a .npy array'],
  ])('%s is refused, though the zip around it is whole', (_, npy, message) => {
    const bytes = zipSync({ 'a.npy': npy }, { level: 0 });
    expect(() => decodeNpz(bytes, 'here.npz')).toThrow(message);
    readOrBadFile(() => decodeNpz(bytes, 'here.npz'));
  });

  test('a bomb is not unpacked', () => {
    const bytes = Uint8Array.from(fixture('numpy-compressed.npz'));
    const directory = Buffer.from(bytes.buffer).indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    new DataView(bytes.buffer).setUint32(directory + 24, 2 ** 32 - 1, true); // the size unpacked
    expect(() => decodeNpz(bytes, 'here')).toThrow('unpacked');
  });
});
