import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { type Files, picture, put, twoClasses } from './grounds.ts';

/** The first value of each image. */
const firsts = (images: Uint8Array, size: number): number[] =>
  Array.from({ length: images.length / size }, (_, i) => images[i * size]!);

describe('a folder of class folders', () => {
  test('becomes a data set; what begins with a dot or lies beside them is passed over', async () => {
    const root = await put({
      ...(await twoClasses(5)),
      'a/.DS_Store': 'x',
      '.cache/c/x.png': 'no picture',
      'README.md': 'about it',
    });
    const set = await loadDataSet({ name: root });
    expect(set).toMatchObject({
      classNames: ['a', 'b'],
      imageShape: [2, 3, 1],
      source: `${root}, testShare 0.2`,
    });
    expect(root.endsWith(set.name)).toBe(true);
    expect([set.train.count, set.test.count]).toEqual([8, 2]);
    for (const { images, labels } of [set.train, set.test]) {
      expect([images.buffer, labels.buffer].every(b => b instanceof SharedArrayBuffer)).toBe(true);
      const values = firsts(images, 6);
      expect(values.map(value => (value < 100 ? 0 : 1))).toEqual(Array.from(labels));
      expect(Array.from(images)).toEqual(values.flatMap(value => new Array(6).fill(value)));
    }
    const all = [...firsts(set.train.images, 6), ...firsts(set.test.images, 6)].sort((a, b) => a - b);
    expect(all).toEqual([0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);
  });

  test('may have its own test part', async () => {
    const root = await put({ ...(await twoClasses(3, 'train/')), ...(await twoClasses(1, 'test/')) });
    const set = await loadDataSet({ name: root });
    expect([set.train.count, set.test.count, set.source]).toEqual([6, 2, root]);
  });

  test('may have its test part in a second one', async () => {
    const [name, testData] = [await put(await twoClasses(3)), await put(await twoClasses(2))];
    const set = await loadDataSet({ name, testData });
    expect([set.train.count, set.test.count]).toEqual([6, 4]);
  });

  test('links are followed', async () => {
    const [root, elsewhere] = [await put(await twoClasses(2)), await put(await twoClasses(2))];
    await symlink(join(elsewhere, 'a'), join(root, 'c'));
    expect((await loadDataSet({ name: root })).classNames).toEqual(['a', 'b', 'c']);
  });

  test('classes that are numbers are in the order of the numbers', async () => {
    const { 'a/0.png': one } = await twoClasses(1);
    const files = Object.fromEntries(
      ['10', '9', '-1'].flatMap(c => [0, 1].map(i => [`${c}/${i}.png`, one!])),
    );
    expect((await loadDataSet({ name: await put(files) })).classNames).toEqual(['-1', '9', '10']);
  });
});

describe('pictures', () => {
  const pixelsOf = async (files: Files, options: Partial<LoadOptions> = {}) => {
    const set = await loadDataSet({ name: await put(files), ...options });
    return { shape: set.imageShape, images: Array.from(set.train.images) };
  };
  const pair = async (a: Promise<Uint8Array>, b: Promise<Uint8Array>): Promise<Files> => ({
    'train/a/0.png': await a,
    'train/b/0.png': await b,
    'test/a/0.png': await a,
  });
  const repeated = (...colours: number[][]) => colours.flatMap(c => new Array(6).fill(c).flat());

  test('grey ones have one channel, png and jpeg', async () => {
    const files = await pair(picture('png', [7]), picture('jpeg', [200]));
    expect(await pixelsOf(files)).toEqual({ shape: [2, 3, 1], images: repeated([7], [200]) });
  });

  test('grey ones among coloured ones become coloured', async () => {
    const files = await pair(picture('png', [7]), picture('png', [1, 2, 3]));
    expect(await pixelsOf(files)).toEqual({ shape: [2, 3, 3], images: repeated([7, 7, 7], [1, 2, 3]) });
  });

  test('coloured ones become grey when asked, grey ones coloured', async () => {
    const files = await pair(picture('png', [255, 0, 0]), picture('png', [0, 255, 0]));
    expect(await pixelsOf(files, { channels: 1 })).toEqual({
      shape: [2, 3, 1],
      images: repeated([76], [150]),
    });
    const grey = await pair(picture('png', [7]), picture('png', [9]));
    expect((await pixelsOf(grey, { channels: 3 })).images).toEqual(repeated([7, 7, 7], [9, 9, 9]));
  });

  test('transparency lies on black, 16 bits become 8', async () => {
    const deep = Uint16Array.from({ length: 6 }, () => 200 * 257);
    const sixteen = sharp(deep, { raw: { width: 3, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png();
    const files = await pair(picture('png', [200, 100, 50, 0]), sixteen.toBuffer());
    expect((await pixelsOf(files)).images).toEqual(repeated([0, 0, 0], [200, 200, 200]));
  });

  test('they are turned as their EXIF says', async () => {
    const turned = (bytes: Uint8Array) => sharp(bytes).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const one = turned(await picture('jpeg', [9], 2, 3));
    expect((await pixelsOf(await pair(one, one))).shape.slice(0, 2)).toEqual([3, 2]);
  });

  test('of several sizes are resized to the one that is asked for', async () => {
    const files = await pair(picture('png', [7], 9, 5), picture('png', [9], 2, 30));
    expect(await pixelsOf(files, { imageSize: '2x3' })).toEqual({
      shape: [2, 3, 1],
      images: repeated([7], [9]),
    });
  });
});

describe('the checksum', () => {
  const load = async (files: Files, options: Partial<LoadOptions> = {}) =>
    (await loadDataSet({ name: await put(files), ...options })).checksum;

  test('is the same wherever the folder is', async () => {
    expect(await load(await twoClasses(3))).toBe(await load(await twoClasses(3)));
    const { length } = await load(await twoClasses(3));
    expect(length).toBe(64);
  });

  test('changes with a byte, a name, the size, the channels, the share', async () => {
    const files = await twoClasses(3);
    const { 'a/0.png': first, ...others } = files;
    const sums = await Promise.all([
      load(files),
      load({ ...others, 'a/00.png': first! }),
      load({ ...files, 'a/0.png': await picture('png', [77]) }),
      load(files, { imageSize: '2' }),
      load(files, { channels: 3 }),
      load(files, { testShare: 0.5 }),
    ]);
    expect(new Set(sums).size).toBe(6);
    expect(await load(files, { imageSize: '2x3', channels: 1 })).toBe(sums[0]);
  });
});
