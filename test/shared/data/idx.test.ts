import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLabels, type IdxKind, limits, parseIdx } from '../../../src/shared/data/idx.ts';
import { DistillError } from '../../../src/shared/errors.ts';
import { encodeIdx } from '../../fixtures/idx.ts';
import { expectFailure } from './scratch.ts';

const origin = { path: 'some/file', fix: 'get another one' };
const images = encodeIdx([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
const labels = encodeIdx([3], [7, 0, 9]);
const packings = { plain: (bytes: Uint8Array) => bytes, gzipped: (bytes: Uint8Array) => gzipSync(bytes) };

describe.each(Object.entries(packings))('%s', (_, pack) => {
  test('sizes and values come back, in shared memory', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (count, height, width, stream) => {
          const values = Uint8Array.from(stream.take(count * height * width));
          const file = encodeIdx([count, height, width], values);
          const idx = parseIdx(pack(file), 'images', origin);
          expect(idx).toMatchObject({ count, height, width });
          expect(Array.from(idx.values)).toEqual(Array.from(values));
          expect(Array.from(idx.content)).toEqual(Array.from(file));
          expect(idx.values.buffer).toBeInstanceOf(SharedArrayBuffer);
        },
      ),
      { seed: 1, numRuns: 50 },
    ));

  test('labels are images of one pixel', () => {
    const { count, height, width, values } = parseIdx(pack(labels), 'labels', origin);
    expect([count, height, width, ...values]).toEqual([3, 1, 1, 7, 0, 9]);
  });

  test('a view into a larger buffer is read from where it begins', () => {
    const larger = new Uint8Array(images.length + 5);
    larger.set(images, 5);
    expect(parseIdx(pack(larger.subarray(5)), 'images', origin).count).toBe(2);
  });

  test('cut anywhere, it is bad data', () => {
    const file = pack(images);
    for (let length = 0; length < file.length; length++)
      expect(() => parseIdx(file.subarray(0, length), 'images', origin)).toThrow(
        /^some\/file: expected .+, found .+; get another one$/,
      );
  });

  test('whatever its bytes, it is read or it is bad data', () =>
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const file = Uint8Array.from(pack(images));
        file[at % file.length] = value;
        try {
          parseIdx(file, 'images', origin);
        } catch (error) {
          expect(error).toBeInstanceOf(DistillError);
          expect(error).toMatchObject({ code: 'bad-data', where: 'some/file' });
        }
      }),
      { seed: 2, numRuns: 300 },
    ));
});

const huge = encodeIdx([2 ** 32 - 1, 28, 28], []);
const { count: most, side, bytes } = limits;
const wrong: Record<string, [Uint8Array, IdxKind, string]> = {
  'labels for images': [
    labels,
    'images',
    'expected magic number 0x00000803 of IDX images, found 0x00000801 of IDX labels',
  ],
  'images for labels': [
    images,
    'labels',
    'expected magic number 0x00000801 of IDX labels, found 0x00000803 of IDX images',
  ],
  'a web page': [
    Buffer.from('<!DOCTYPE html>'),
    'images',
    'expected magic number 0x00000803 of IDX images, found 0x3c21444f',
  ],
  'an empty file': [new Uint8Array(), 'labels', 'expected an IDX header of 8 bytes, found a file of 0 bytes'],
  'half a header': [
    images.subarray(0, 9),
    'images',
    'expected an IDX header of 16 bytes, found a file of 9 bytes',
  ],
  'a byte too few': [
    images.subarray(0, 27),
    'images',
    'expected 28 bytes, as its header says, found 27 bytes',
  ],
  'trailing bytes': [
    Buffer.concat([images, Buffer.alloc(3)]),
    'images',
    'expected 28 bytes, as its header says, found 31 bytes',
  ],
  'gzipped, a byte too few': [
    gzipSync(images.subarray(0, 27)),
    'images',
    'expected 28 bytes, as its header says, found 27 bytes after unpacking',
  ],
  'gzipped, trailing bytes': [
    gzipSync(Buffer.concat([images, Buffer.alloc(3)])),
    'images',
    'expected 28 bytes, as its header says, found more than 28 bytes after unpacking',
  ],
  'a bomb': [
    gzipSync(Buffer.concat([images, Buffer.alloc(5e7)])),
    'images',
    'expected 28 bytes, as its header says, found more than 28 bytes after unpacking',
  ],
  'a cut gzip file': [
    gzipSync(images).subarray(0, -4),
    'images',
    'expected an undamaged gzip file, found unexpected end of file',
  ],
  'bytes behind gzip': [
    Buffer.concat([gzipSync(images), Buffer.from('more')]),
    'images',
    'expected an undamaged gzip file, found incorrect header check',
  ],
  'a damaged gzip file': [
    Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
    'images',
    'expected an undamaged gzip file, found unknown compression method',
  ],
  'no images': [encodeIdx([0, 28, 28], []), 'images', `expected 1 to ${most} images, found 0`],
  'too many images': [huge, 'images', `expected 1 to ${most} images, found 4294967295`],
  'too many images, gzipped': [gzipSync(huge), 'images', `expected 1 to ${most} images, found 4294967295`],
  'too many labels': [encodeIdx([most + 1], []), 'labels', `expected 1 to ${most} labels, found ${most + 1}`],
  'no height': [encodeIdx([1, 0, 5], []), 'images', `expected a height of 1 to ${side} pixels, found 0`],
  'too wide': [encodeIdx([1, 5, 4097], []), 'images', `expected a width of 1 to ${side} pixels, found 4097`],
  'too many pixels': [
    encodeIdx([65, 4096, 4096], []),
    'images',
    `expected at most ${bytes} bytes of pixels, found 65 images of 4096×4096`,
  ],
};

test.each(Object.entries(wrong))('%s: told in one line', async (_, [file, kind, told]) => {
  const message = `some/file: ${told}; get another one`;
  await expectFailure(() => parseIdx(file, kind, origin), 'bad-data', message);
});

test('a label beyond the last class is named', async () => {
  checkLabels(Uint8Array.of(0, 9), 10, origin);
  await expectFailure(
    () => checkLabels(Uint8Array.of(0, 9, 10, 11), 10, origin),
    'bad-data',
    'some/file: expected labels of 0 to 9, found 10 at index 2; get another one',
  );
});
