import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/artifacts/index.ts';
import { bytesOf } from '../../../src/shared/artifacts/storedTensor.ts';
import { damage, damaged, name, record, storedTensor } from './arbitraries.ts';
import { readOrBadFile } from './expectations.ts';

const file = fc.record({
  tensors: record(name, storedTensor),
  metadata: record(name, fc.string({ unit: 'binary' })),
});

describe('safetensors', () => {
  test('what is written is read back, bit for bit, under any name', () =>
    fc.assert(
      fc.property(file, ({ tensors, metadata }) => {
        const read = decodeSafetensors(encodeSafetensors(tensors, metadata), 'here');
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
        for (const [key, tensor] of Object.entries(tensors)) {
          expect(read.tensors[key]!.shape).toEqual(tensor.shape);
          expect(read.tensors[key]!.data.constructor).toBe(tensor.data.constructor);
          expect(bytesOf(read.tensors[key]!)).toEqual(bytesOf(tensor));
        }
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect(read.tensors.hasOwnProperty).toBeUndefined();
      }),
    ));

  test('the bytes do not depend on the order of the tensors, and each tensor is aligned to its elements', () =>
    fc.assert(
      fc.property(record(name, storedTensor), tensors => {
        const bytes = encodeSafetensors(tensors);
        const turned = Object.assign(
          Object.create(null),
          Object.fromEntries(Object.entries(tensors).reverse()),
        );
        expect(encodeSafetensors(turned)).toEqual(bytes);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
        expect(length % 8).toBe(0);
        for (const [key, { data }] of Object.entries(tensors))
          expect((8 + length + header[key].data_offsets[0]) % data.BYTES_PER_ELEMENT).toBe(0);
      }),
    ));

  test('damaged files are refused, or hold no more than they have bytes', () =>
    fc.assert(
      fc.property(file, damage, ({ tensors, metadata }, damages) => {
        const bytes = damaged(encodeSafetensors(tensors, metadata), damages);
        const read = readOrBadFile(() => decodeSafetensors(bytes, 'here'));
        const held = Object.values(read?.tensors ?? {}).reduce((sum, { data }) => sum + data.byteLength, 0);
        expect(held).toBeLessThan(Math.max(8, bytes.length));
      }),
      { numRuns: 3_000 },
    ));

  const one = '"dtype":"U8","shape":[2],"data_offsets":[0,2]';
  const deep = `{"a":${'['.repeat(1_000_000)}`;
  test.each([
    ['a name twice', `{"a":{${one}},"a":{${one}}}`, 2, 'twice'],
    [
      'overlapping tensors',
      `{"a":{${one}},"b":{${one.replace('[0,2]', '[1,3]')}}}`,
      3,
      'tensor b from byte 2',
    ],
    ['the same bytes for two tensors', `{"a":{${one}},"b":{${one}}}`, 2, 'from byte 2'],
    ['a gap before the first', `{"a":{${one.replace('[0,2]', '[1,3]')}}}`, 3, 'from byte 0'],
    ['bytes that belong to no tensor', `{"a":{${one}}}`, 3, '2 bytes of tensors'],
    ['offsets beyond the end', `{"a":{${one}}}`, 1, '2 bytes of tensors'],
    ['offsets that run backwards', `{"a":{${one.replace('[0,2]', '[2,0]')}}}`, 2, '-2 bytes'],
    ['offsets below 0', `{"a":{${one.replace('[0,2]', '[-2,0]')}}}`, 2, 'data_offsets'],
    ['fractions', `{"a":{${one.replace('[0,2]', '[0,2.5]')}}}`, 2, 'data_offsets'],
    ['a shape that says more', `{"a":{${one.replace('shape":[2', 'shape":[3')}}}`, 2, 'U8 (3)'],
    [
      'a shape whose product is no number',
      `{"a":{${one.replace('[2]', `[${Array(8).fill(2 ** 30)}]`)}}}`,
      2,
      'U8',
    ],
    ['too many axes', `{"a":{${one.replace('[2]', `[2${',1'.repeat(8)}]`)}}}`, 2, 'shape'],
    [
      'an endless axis of an empty tensor',
      `{"a":{"dtype":"U8","shape":[0,9e15],"data_offsets":[0,0]}}`,
      0,
      'shape',
    ],
    ['an unknown type', `{"a":{${one.replace('U8', 'F16')}}}`, 2, 'dtype'],
    ['metadata that is no string', `{"__metadata__":{"n":1},"a":{${one}}}`, 2, 'string for metadata n'],
    ['metadata that is a list', `{"__metadata__":["n"],"a":{${one}}}`, 2, 'metadata'],
    ['a header that is a list', '[]', 0, 'opens with {'],
    ['a header cut off', '{"a":', 0, 'JSON'],
    ['a header nested a million times', deep, 0, 'JSON'],
    ['too many tensors', `{${Array.from({ length: 10_001 }, (_, i) => `"${i}":0`)}}`, 0, '10000 tensors'],
    ['a header that is too long', `{"a":"${'x'.repeat(2 ** 22)}"}`, 0, 'at most 4194304'],
  ])('%s is refused', (_, header, dataBytes, message) => {
    const json = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + json.length + dataBytes);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    expect(() => decodeSafetensors(bytes, 'here.safetensors')).toThrow(message);
    readOrBadFile(() => decodeSafetensors(bytes, 'here.safetensors'));
  });

  test('what could not be read back is not written', () => {
    const data = new Uint8Array(2);
    expect(() => encodeSafetensors({ a: { shape: [3], data } })).toThrow('shape (3) does not fit 2 elements');
    expect(() => encodeSafetensors({ a: { shape: [2, 1, 1, 1, 1, 1, 1, 1, 1], data } })).toThrow(RangeError);
    expect(() => encodeSafetensors({ __metadata__: { shape: [2], data } })).toThrow(RangeError);
    expect(() => encodeSafetensors({}, { text: 'x'.repeat(2 ** 22) })).toThrow(RangeError);
  });
});
