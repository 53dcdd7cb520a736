import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { encodeNpz } from '../../../src/shared/artifacts/npz.ts';
import type { StoredTensor } from '../../../src/shared/artifacts/storedTensor.ts';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { put } from './grounds.ts';
import { expectFailure } from './scratch.ts';

const bytes = (shape: readonly number[], value = (i: number) => i): StoredTensor => ({
  shape,
  data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});
const labels = (count: number): StoredTensor => bytes([count], i => i % 2);
const [x, y] = [bytes([6, 2, 3]), labels(6)];

async function load(arrays: Record<string, StoredTensor>, options: Partial<LoadOptions> = {}) {
  const root = await put({ 'set.npz': encodeNpz(arrays) });
  return loadDataSet({ name: `${root}/set.npz`, ...options });
}

/** An array of a type that we do not write, such as NumPy's int64. */
function npy(type: string, shape: string, data: ArrayBufferView): Uint8Array {
  const dict = `{'descr': '${type}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dict}\n`, 'latin1');
  return Buffer.concat([head, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

describe('a .npz', () => {
  test('of Keras has its own test part', async () => {
    const set = await load({ x_train: x, y_train: y, x_test: bytes([2, 2, 3]), y_test: labels(2) });
    expect(set).toMatchObject({ name: 'set.npz', classNames: ['0', '1'], imageShape: [2, 3, 1] });
    expect(Array.from(set.train.images)).toEqual(Array.from(x.data));
    expect(Array.from(set.train.labels)).toEqual([0, 1, 0, 1, 0, 1]);
    expect([set.test.count, set.train.images.buffer instanceof SharedArrayBuffer]).toEqual([2, true]);
  });

  test.each([
    ['x_train', 'y_train'],
    ['images', 'labels'],
    ['x', 'y'],
  ])('of %s and %s is split', async (images, labels) => {
    const set = await load({ [images]: x, [labels]: y });
    expect([set.train.count, set.test.count]).toEqual([4, 2]);
  });

  test('may have its test part in a second one', async () => {
    const [name, testData] = await Promise.all(
      [6, 4].map(
        async n => `${await put({ 's.npz': encodeNpz({ x: bytes([n, 2, 2]), y: labels(n) }) })}/s.npz`,
      ),
    );
    const set = await loadDataSet({ name: name!, testData });
    expect([set.train.count, set.test.count]).toEqual([6, 4]);
    expect(set.checksum).not.toBe((await loadDataSet({ name: name! })).checksum);
  });

  test.each<[string, StoredTensor]>([
    ['a column', bytes([6, 1], i => i % 2)],
    ['one-hot', { shape: [6, 2], data: Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1) }],
    ['doubles', { shape: [6], data: Float64Array.of(0, 1, 0, 1, 0, 1) }],
  ])('may have labels as %s', async (_, labels) => {
    expect((await load({ x, y: labels })).train).toEqual((await load({ x, y })).train);
  });

  test('may have labels as int64, as NumPy makes them', async () => {
    const file = zipSync({
      'x.npy': npy('|u1', '(6, 2, 3)', x.data),
      'y.npy': npy('<i8', '(6,)', BigInt64Array.of(-5n, 7n, -5n, 7n, -5n, 7n)),
    });
    const { classNames } = await loadDataSet({ name: `${await put({ 's.npz': file })}/s.npz` });
    expect(classNames).toEqual(['-5', '7']);
  });

  test('in colour has three channels', async () => {
    expect((await load({ x: bytes([6, 2, 3, 3]), y })).imageShape).toEqual([2, 3, 3]);
    expect((await load({ x: bytes([6, 2, 3, 1]), y })).imageShape).toEqual([2, 3, 1]);
  });

  test('with floats is scaled, off by 1/510 at most', async () => {
    const data = Float32Array.from({ length: 36 }, (_, i) => (i % 18) / 17);
    const { train } = await load(
      { x_train: { shape: [6, 2, 3], data }, y_train: y, x_test: x, y_test: y },
      {
        pixelMax: 255,
      },
    );
    expect(train.images.every(value => value === 0 || value === 1)).toBe(true);
    const scaled = await load({ x: { shape: [6, 2, 3], data }, y }, { testShare: 0.01 });
    expect(scaled.source).toContain('pixelMax 1');
    for (const value of scaled.train.images) {
      const error = Math.min(...Array.from(data, wanted => Math.abs(value / 255 - wanted)));
      expect(error).toBeLessThanOrEqual(1 / 510 + 1e-7);
    }
  });

  test('that is dark but has bytes stays dark', async () => {
    const { train } = await load({ x: bytes([6, 2, 3], i => i % 2), y });
    expect(Math.max(...train.images)).toBe(1);
  });
});

const floats = (value: number): StoredTensor => ({
  shape: [6, 2, 3],
  data: new Float32Array(36).fill(value),
});
const fix = 'correct the data, or name other data with --dataset';
const fixPixel = 'correct it, or name the value of white with --pixel-max';
const again = 'save it again with numpy.savez';
const names = 'expected arrays x_train, y_train, x_test, y_test or images, labels or x, y';
const save = 'save the arrays under these names';

/** What may be wrong with a .npz: its content, the array that is named, what is told of it. */
const wrong: Record<
  string,
  [content: Record<string, StoredTensor> | Uint8Array, where: string, told: string]
> = {
  'arrays of other names': [{ a: x, b: y }, '', `${names}, found a, b; ${save}`],
  'images without labels': [{ x }, '', `${names}, found x; ${save}`],
  'half a test part': [
    { x_train: x, y_train: y, x_test: x },
    '',
    `${names}, found x_train, y_train, x_test; ${save}`,
  ],
  'fewer labels': [{ x, y: labels(5) }, ': y.npy', `expected 6 labels, one per image, found 5; ${fix}`],
  'flat images': [
    { x: bytes([6, 4]), y },
    ': x.npy',
    `expected images (n, H, W) or (n, H, W, C), found (6, 4); ${fix}`,
  ],
  'two channels': [
    { x: bytes([6, 2, 3, 2]), y },
    ': x.npy',
    `expected images of 1 or 3 channels, found 2×3×2; ${fix}`,
  ],
  'channels first': [
    { x: bytes([6, 3, 8, 8]), y },
    ': x.npy',
    `expected images of 1 or 3 channels, found 3×8×8; ${fix}`,
  ],
  'no images': [{ x: bytes([0, 2, 3]), y }, ': x.npy', `expected 1 to 1000000 images, found 0; ${fix}`],
  'images without pixels': [
    { x: bytes([6, 0, 3]), y },
    ': x.npy',
    `expected images of 1 to 4096 pixels a side, found 0×3×1; ${fix}`,
  ],
  'a pixel that is NaN': [
    { x: floats(Number.NaN), y },
    ': x.npy: image 0',
    `expected pixels of 0 to 1, found NaN; ${fixPixel}`,
  ],
  'a pixel below 0': [
    { x: floats(-0.5), y },
    ': x.npy: image 0',
    `expected pixels of 0 to 1, found -0.5; ${fixPixel}`,
  ],
  'pixels of no range': [
    { x: floats(300), y },
    ': x.npy: image 0',
    `expected pixels of 0 to 255, found 300; ${fixPixel}`,
  ],
  'labels that are not whole': [
    { x, y: { shape: [6], data: Float32Array.of(0, 1, 0.5, 1, 0, 1) } },
    ': y.npy: label 2',
    `expected labels that are whole numbers or names, found 0.5; ${fix}`,
  ],
  'labels that are not one-hot': [
    { x, y: { shape: [6, 2], data: new Float32Array(12).fill(0.5) } },
    ': y.npy: label 0',
    `expected one 1 among 2 values, the others 0, found 0.5, 0.5; ${fix}`,
  ],
  'labels with three axes': [
    { x, y: bytes([6, 1, 1]) },
    ': y.npy',
    `expected labels (n) or one-hot (n, K), found (6, 1, 1); ${fix}`,
  ],
  'a wrong type': [
    zipSync({ 'x.npy': npy('<c8', '(6, 2, 3)', new Float64Array(36)), 'y.npy': npy('|u1', '(6,)', y.data) }),
    ': x.npy',
    `expected elements of type |u1, |i1, <u2, <i2, <u4, <i4, <u8, <i8, <f4, <f8, found <c8; ${fix}`,
  ],
  'fewer bytes than the shape says': [
    zipSync({ 'x.npy': npy('|u1', '(6, 2, 4)', x.data), 'y.npy': npy('|u1', '(6,)', y.data) }),
    ': x.npy',
    `expected the bytes of |u1 (6, 2, 4), found 36 bytes; ${fix}`,
  ],
  'no zip file': [
    Buffer.from('nothing of that kind, really'),
    '',
    `expected a zip file, found no zip record at byte 6; ${again}`,
  ],
};

test.each(Object.entries(wrong))('%s: told in one line', async (_, [content, where, told]) => {
  const file = content instanceof Uint8Array ? content : encodeNpz(content);
  const name = `${await put({ 'set.npz': file })}/set.npz`;
  await expectFailure(() => loadDataSet({ name }), 'bad-data', `${name}${where}: ${told}`);
});

test('options that do not go with a .npz', async () => {
  const pair = encodeNpz({ x, y });
  const whole = encodeNpz({ x_train: x, y_train: y, x_test: x, y_test: y });
  const root = await put({ 'a.npz': pair, 'b.npz': whole, 'c.csv': '1,2' });
  const fails = (options: LoadOptions, code: 'usage' | 'bad-data', message: string) =>
    expectFailure(() => loadDataSet(options), code, message);
  const [a, b, c] = ['a.npz', 'b.npz', 'c.csv'].map(file => `${root}/${file}`) as [string, string, string];
  await fails(
    { name: a, labelColumn: 'y' },
    'usage',
    'labelColumn: expected a .csv or .csv.gz as data set, found a npz; leave labelColumn out',
  );
  await fails(
    { name: a, testData: c },
    'usage',
    'testData: expected a npz like the data set, found a csv; correct it',
  );
  await fails(
    { name: b, testData: a },
    'usage',
    `testData: expected data without a test part, found one in ${b}; leave testData out`,
  );
  await fails(
    { name: a, testData: b },
    'bad-data',
    `${b}: expected one part, found a training and a test part; save one of the two`,
  );
});

test('a .npz of NumPy that is no data set names its arrays', async () => {
  const file = readFileSync(new URL('../artifacts/numpy.npz', import.meta.url));
  const name = `${await put({ 'numpy.npz': file })}/numpy.npz`;
  await expectFailure(
    () => loadDataSet({ name }),
    'bad-data',
    `${name}: ${names}, found images, eta, steps; ${save}`,
  );
});
