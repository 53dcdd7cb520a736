import fc from 'fast-check';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { contrastOf, toBytes } from '../../src/report/contrast.ts';
import { imageSheet, type SheetInput } from '../../src/report/index.ts';
import { layOut, titleHeight } from '../../src/report/layout.ts';

/** M images of random pixels, M/K or so of each class. */
const input = (channels: fc.Arbitrary<number>): fc.Arbitrary<SheetInput> =>
  fc
    .record({
      m: fc.integer({ min: 1, max: 12 }),
      h: fc.integer({ min: 4, max: 32 }),
      w: fc.integer({ min: 4, max: 32 }),
      c: channels,
      k: fc.integer({ min: 1, max: 12 }),
    })
    .chain(({ m, h, w, c, k }) =>
      fc.record({
        images: fc
          .infiniteStream(fc.float({ min: -5, max: 5, noNaN: true }))
          .map(stream => Float32Array.from(stream.take(m * h * w * c))),
        imageShape: fc.constant([h, w, c] as const),
        labels: fc
          .array(fc.nat(k - 1), { minLength: m, maxLength: m })
          .map(classes =>
            Float32Array.from(
              classes.flatMap(of => Array.from({ length: k }, (_, i) => (i === of ? 0.4 : 0.1))),
            ),
          ),
        classNames: fc.constant(Array.from({ length: k }, (_, i) => `class ${i}`)),
      }),
    );

const classesOf = ({ labels, classNames: { length: k } }: SheetInput): number[] =>
  Array.from({ length: labels.length / k }, (_, m) =>
    labels.subarray(m * k, (m + 1) * k).indexOf(Math.max(...labels.subarray(m * k, (m + 1) * k))),
  );

describe('imageSheet', () => {
  test('is a PNG, grey or in colour, with every pixel of every image as a square of one shade at its place', () =>
    fc.assert(
      fc.property(input(fc.constantFrom(1, 3)), sheet => {
        const [h, w, c] = sheet.imageShape;
        const { width, height, channels, data, depth } = decode(imageSheet(sheet));
        const layout = layOut(classesOf(sheet), [h, w]);
        expect({ width, height, channels, depth }).toEqual({
          width: layout.width,
          height: layout.height,
          channels: c,
          depth: 8,
        });
        const shades = toBytes(sheet.images, contrastOf(sheet.images));
        let wrong = 0;
        for (const { image, x, y } of layout.images)
          for (let i = 0; i < h * w * c; i++) {
            const [row, column] = [Math.floor(i / c / w), Math.floor(i / c) % w];
            for (const inside of [0, layout.factor - 1]) {
              const at = (y + row * layout.factor + inside) * width + x + column * layout.factor + inside;
              if (data[at * c + (i % c)] !== shades[image * h * w * c + i]) wrong++;
            }
          }
        expect(wrong).toBe(0);
      }),
      { numRuns: 20 },
    ));

  test('has dark ink on light paper above each column, and the same bytes each time', () =>
    fc.assert(
      fc.property(input(fc.constant(1)), sheet => {
        const png = imageSheet(sheet);
        expect(imageSheet(sheet)).toEqual(png);
        const { width, data } = decode(png);
        const { titles, factor } = layOut(classesOf(sheet), [sheet.imageShape[0], sheet.imageShape[1]]);
        for (const { x, y } of titles) {
          const rows = Array.from({ length: titleHeight }, (_, row) =>
            data.subarray((y + row) * width + x).subarray(0, factor * sheet.imageShape[1]),
          );
          expect(new Set(rows.flatMap(row => [...row]))).toEqual(new Set([40, 248]));
        }
      }),
      { numRuns: 20 },
    ));

  test('says which values are black and white', () => {
    const images = Float32Array.from({ length: 1000 }, (_, i) => i / 100 - 2);
    const { text } = decode(
      imageSheet({ images, imageShape: [10, 10, 1], labels: new Float32Array(10), classNames: ['a'] }),
    );
    expect(text.Description).toContain('Black is a pixel value of -1.900 or less, white of 7.890 or more');
  });

  test('takes what no sheet should meet: values that are no numbers, all alike, other channels, ties', () => {
    const labels = new Float32Array(2).fill(Number.NaN);
    const classNames = ['名前'];
    for (const fill of [Number.NaN, Infinity, 0, 7, 1e38])
      for (const channels of [1, 2, 3, 4])
        imageSheet({
          images: new Float32Array(2 * 16 * channels).fill(fill),
          imageShape: [4, 4, channels],
          labels,
          classNames,
        });
    const tie = { images: new Float32Array(16), imageShape: [4, 4, 1] as const, classNames: ['one', 'two'] };
    expect(imageSheet({ ...tie, labels: Float32Array.of(1, 1) })).toEqual(
      imageSheet({ ...tie, labels: Float32Array.of(1, 0) }),
    );
    expect(() =>
      imageSheet({ images: new Float32Array(7), imageShape: [2, 2, 1], labels, classNames }),
    ).toThrow(RangeError);
  });
});

describe('layOut', () => {
  const cases = fc.tuple(
    fc.array(fc.nat(30), { minLength: 1, maxLength: 200 }),
    fc.integer({ min: 1, max: 64 }),
    fc.integer({ min: 1, max: 64 }),
  );

  test('every image has its place on the sheet, none touches another or a title, classes go by columns', () =>
    fc.assert(
      fc.property(cases, ([classes, h, w]) => {
        const { images, titles, width, height, factor } = layOut(classes, [h, w]);
        expect(images.map(place => place.image).sort((a, b) => a - b)).toEqual([...classes.keys()]);
        expect(titles.map(title => title.class)).toEqual([...new Set(classes)].sort((a, b) => a - b));
        const boxes = [
          ...images.map(({ x, y }) => ({ x, y, w: w * factor + 1, h: h * factor + 1 })), // and paper beside it,
          ...titles.map(({ x, y }) => ({ x, y, w: w * factor, h: titleHeight })),
        ];
        let clashes = 0;
        for (const [i, a] of boxes.entries()) {
          if (a.x < 0 || a.y < 0 || a.x + a.w > width || a.y + a.h > height) clashes++;
          for (const b of boxes.slice(0, i))
            if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) clashes++;
        }
        expect(clashes).toBe(0);
        for (const title of titles) {
          const column = images.filter(place => classes[place.image] === title.class);
          expect(column.every(place => place.x === title.x && place.y > title.y)).toBe(true);
        }
      }),
    ));
});

describe('contrast', () => {
  test('is monotone, uses the whole range, and a few pixels far out do not dim the rest', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    const bytes = (of: Float32Array) => toBytes(of, contrastOf(of));
    expect([Math.min(...bytes(values)), Math.max(...bytes(values))]).toEqual([0, 255]);
    const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    const sorted = order.map(i => bytes(values)[i]!);
    expect(sorted).toEqual([...sorted].sort((a, b) => a - b));
    const spoiled = Float32Array.from(values).fill(1e6, 0, 5);
    const change = bytes(spoiled)
      .subarray(5)
      .map((byte, i) => Math.abs(byte - bytes(values)[i + 5]!));
    expect(Math.max(...change)).toBeLessThan(5);
  });
});
