import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { put } from './grounds.ts';
import { expectFailure } from './scratch.ts';

/** Five images of 2×2 for each of two classes; a pixel has the image's number. */
const rows = (white = 255, classes = ['7', '10']): string[] =>
  Array.from({ length: 10 }, (_, i) => `0,${white},${i},0,${classes[i % 2]}`);

async function load(text: string | Uint8Array, options: Partial<LoadOptions> = {}, file = 'set.csv') {
  const root = await put({ [file]: text });
  return loadDataSet({ name: `${root}/${file}`, ...options });
}

describe('a CSV file', () => {
  test('becomes a data set, one image per row, labels in the last column', async () => {
    const { train, test, ...set } = await load(rows().join('\n'));
    expect(set).toMatchObject({ name: 'set.csv', classNames: ['7', '10'], imageShape: [2, 2, 1] });
    expect(set.source).toMatch(/set\.csv, pixelMax 255, testShare 0\.2$/);
    expect([train.count, test.count]).toEqual([8, 2]);
    for (const { images, labels, count } of [train, test])
      for (let i = 0; i < count; i++) {
        const number = images[4 * i + 2]!;
        expect(Array.from(images.subarray(4 * i, 4 * i + 4))).toEqual([0, 255, number, 0]);
        expect(labels[i]).toBe(number % 2);
      }
  });

  test('may be gzipped, have Windows line ends, blanks, a byte order mark and empty lines', async () => {
    const plain = await load(rows().join('\n'));
    const text = `\uFEFF${rows().join(' \r\n\r\n').replaceAll(',', ' ,')}\r\n`;
    const other = await load(gzipSync(text), {}, 'set.csv.gz');
    expect(other.train).toEqual(plain.train);
    expect(other.checksum).not.toBe(plain.checksum);
  });

  test('is the same under another name', async () => {
    const [a, b] = [await load(rows().join('\n')), await load(rows().join('\n'), {}, 'b.CSV')];
    expect(b.checksum).toBe(a.checksum);
  });

  test.each<[string, string | undefined, string | undefined, string]>([
    ['label', 'label', undefined, 'a usual name'],
    ['Class', 'Class', undefined, 'a usual name in capitals'],
    ['kind', 'kind', 'kind', 'a name that is told'],
    ['kind', 'kind', 'first', 'the first'],
    ['kind', undefined, 'first', 'the first, without a header'],
    ['kind', 'kind', '0', 'a number'],
  ])('label column %s in header %s, told %s: %s', async (_, header, labelColumn) => {
    const first = rows().map(row => `${row.split(',')[4]},${row.split(',').slice(0, 4)}`);
    const text = [...(header ? [`${header},p0,p1,p2,p3`] : []), ...first].join('\n');
    expect((await load(text, { labelColumn })).train).toEqual((await load(rows().join('\n'))).train);
  });

  test('a header of numbers and one usual name is a header', async () => {
    const text = ['0,1,2,3,label', ...rows()].join('\n');
    expect((await load(text)).train).toEqual((await load(rows().join('\n'))).train);
  });

  test('labels may be names', async () => {
    const { classNames } = await load(rows(255, ['dog', 'cat']).join('\n'));
    expect(classNames).toEqual(['cat', 'dog']);
  });

  test('3.0 and 3 are one class', async () => {
    const text = [...rows(255, ['3', '4']), ...rows(255, ['3.0', '4.0'])].join('\n');
    expect((await load(text)).classNames).toEqual(['3', '4']);
  });

  test.each<[white: number, pixelMax: number | 'auto', expected: number, told: number]>([
    [1, 'auto', 255, 1],
    [0.5, 'auto', 128, 1],
    [16, 'auto', 255, 16],
    [15, 'auto', 239, 16],
    [255, 'auto', 255, 255],
    [200, 'auto', 200, 255],
    [1000, 1000, 255, 1000],
    [100, 200, 128, 200],
  ])('white %f, pixelMax %s: %i', async (white, pixelMax, expected, told) => {
    const text = rows(white)
      .map(row => row.replace(/,\d+,0,(\d+)$/, ',0,0,$1'))
      .join('\n');
    const set = await load(text, { pixelMax });
    expect(set.train.images[1]).toBe(expected);
    expect(set.source).toContain(`pixelMax ${told}`);
  });

  test('pixels in three channels are red, green and blue in turn', async () => {
    const text = rows().map((_, i) => `${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]},${i % 2}`);
    const { imageShape, train } = await load(text.join('\n'));
    expect(imageShape).toEqual([2, 2, 3]);
    expect(Array.from(train.images.subarray(0, 12))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
  });

  test('a second file may be the test part', async () => {
    const root = await put({ 'a.csv': rows().join('\n'), 'b.csv': rows().slice(0, 4).join('\n') });
    const set = await loadDataSet({ name: `${root}/a.csv`, testData: `${root}/b.csv` });
    expect([set.train.count, set.test.count]).toEqual([10, 4]);
  });
});

test('the test part and the checksum of a data set never change', async () => {
  const text = Array.from({ length: 40 }, (_, i) => `0,255,${i},0,${i % 2}`).join('\n');
  const { test, checksum } = await load(text);
  expect(Array.from({ length: test.count }, (_, i) => test.images[4 * i + 2])).toEqual([
    4, 15, 17, 20, 21, 23, 28, 34,
  ]);
  expect(checksum).toBe('f573e1444c53f5a7c39ac77514febc7872e07502bb9a0dbb4725a3f0aa141349');
});

const fix = 'correct the data, or name other data with --dataset';
const fixPixel = 'correct it, or name the value of white with --pixel-max';
const fixColumns = 'add or remove columns, an index for instance';
const broken = (at: number, row: string): string => rows().with(at, row).join('\n');
const square = 'expected a label and as many pixels as make a square, in one channel or three';

/** What may be wrong with a CSV: behind which path, and what is told of it. */
const wrong: Record<string, [text: string | Uint8Array, where: string, told: string]> = {
  'a short row': [
    broken(3, '0,1,2,7'),
    ': line 4',
    `expected 5 columns as in the first row, found 4; ${fix}`,
  ],
  'a long row': [
    broken(3, '0,1,2,3,7,7'),
    ': line 4',
    `expected 5 columns as in the first row, found 6; ${fix}`,
  ],
  'a short row after an empty line': [
    `\n${broken(3, '0,1,2,7')}`,
    ': line 5',
    `expected 5 columns as in the first row, found 4; ${fix}`,
  ],
  'a pixel that is NaN': [
    broken(3, '0,NaN,2,3,7'),
    ': line 4',
    `expected a number in column 1, found 'NaN'; ${fix}`,
  ],
  'an infinite one': [
    broken(3, '0,1,2,inf,7'),
    ': line 4',
    `expected a number in column 3, found 'inf'; ${fix}`,
  ],
  'one that is missing': [
    broken(3, '0,1,,3,7'),
    ': line 4',
    `expected a number in column 2, found ''; ${fix}`,
  ],
  'a pixel below 0': [
    broken(3, '0,1,-2,3,7'),
    ': image 4',
    `expected pixels of 0 to 255, found -2; ${fixPixel}`,
  ],
  'one above white': [
    broken(3, '0,1,256,3,7'),
    ': image 4',
    `expected pixels of 0 to 255, found 256; ${fixPixel}`,
  ],
  'half a label': [
    broken(3, '0,1,2,3,7.5'),
    ': line 4',
    `expected labels that are whole numbers or names, found 7.5; ${fix}`,
  ],
  'no label': [
    broken(3, '0,1,2,3,'),
    ': line 4',
    `expected labels that are whole numbers or names, found none; ${fix}`,
  ],
  'a label that is NaN': [
    broken(3, '0,1,2,3,nan'),
    ': line 4',
    `expected labels that are whole numbers or names, found nan; ${fix}`,
  ],
  'one class': [
    rows(255, ['1', '1']).join('\n'),
    '',
    "expected 2 to 256 classes, found one, '1'; name the column or the folders that tell the classes apart",
  ],
  'no square': [
    rows()
      .map(row => `1,${row}`)
      .join('\n'),
    '',
    `${square}, found 6 columns; ${fixColumns}`,
  ],
  'a label alone': ['1\n2\n', '', `${square}, found 1 columns; ${fixColumns}`],
  'no row': ['', '', `expected 1 to 1000000 images, found 0; ${fix}`],
  'a header alone': ['a,b,c,d,label', '', `expected 1 to 1000000 images, found 0; ${fix}`],
  'an open quote': [
    broken(3, '0,1,2,3,"7'),
    '',
    `expected a CSV file, found Quote Not Closed: the parsing is finished with an opening quote at line 10; ${fix}`,
  ],
  'a cut gzip file': [
    gzipSync(rows().join('\n')).subarray(0, -9),
    '',
    `expected an undamaged gzip file, found unexpected end of file; ${fix}`,
  ],
};

test.each(Object.entries(wrong))('%s: told in one line', async (_, [text, where, told]) => {
  const name = `${await put({ 'set.csv': text })}/set.csv`;
  await expectFailure(() => loadDataSet({ name }), 'bad-data', `${name}${where}: ${told}`);
});

test('more than 256 classes', async () => {
  const text = Array.from({ length: 600 }, (_, i) => `0,1,2,3,${i % 300}`).join('\n');
  await expect(load(text)).rejects.toThrow('expected 2 to 256 classes, found 300;');
});

test.each<[string, string]>([
  ['x', 'its first names are a, b, c, d, label'],
  ['5', 'its first names are a, b, c, d, label'],
])('label column %s is not there', async (labelColumn, told) => {
  const name = `${await put({ 'set.csv': ['a,b,c,d,label', ...rows()].join('\n') })}/set.csv`;
  const message = `labelColumn: expected first, last, a number of 0 to 4, or a name in the header of ${name}, found '${labelColumn}'; ${told}`;
  await expectFailure(() => loadDataSet({ name, labelColumn }), 'usage', message);
});

test('a file of another kind', async () => {
  const name = `${await put({ 'set.tar': 'x' })}/set.tar`;
  const told = 'expected a folder of class folders, a .npz, .csv or .csv.gz, found a file of another kind';
  await expectFailure(
    () => loadDataSet({ name }),
    'bad-data',
    `${name}: ${told}; convert it, see docs/data.md`,
  );
});
