import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { type Files, picture, put, twoClasses } from './grounds.ts';
import { expectFailure } from './scratch.ts';

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

const fixPicture = 'replace or remove it';
const fixFolder = 'name a folder that has one folder of pictures per class, or train/ and test/ of such';
const jpeg = await picture('jpeg', [1, 2, 3], 40, 40);

/** What may be wrong with a folder: the path that is named, and what is told of it. */
const wrong: Record<
  string,
  [add: Files, options: Partial<LoadOptions>, where: string, told: string | RegExp]
> = {
  'a cut JPEG': [
    { 'a/x.jpg': jpeg.subarray(0, jpeg.length - 20) },
    { imageSize: '2' },
    'a/x.jpg',
    /^expected a whole PNG or JPEG picture, found .*premature end of JPEG image.*; replace or remove it$/,
  ],
  'a cut PNG': [
    { 'a/x.png': (await picture('png', [1, 2, 3], 40, 40)).subarray(0, 60) },
    { imageSize: '2' },
    'a/x.png',
    /^expected a whole PNG or JPEG picture, found .*; replace or remove it$/,
  ],
  'a picture beyond all sizes': [
    { 'a/x.png': await picture('png', [1], 4097, 4096) },
    {},
    'a/x.png',
    `expected a whole PNG or JPEG picture, found Input image exceeds pixel limit; ${fixPicture}`,
  ],
  'a picture that is none': [
    { 'a/x.png': 'GIF89a and so on' },
    {},
    'a/x.png',
    `expected a whole PNG or JPEG picture, found bytes of another format; ${fixPicture}`,
  ],
  'an empty picture': [
    { 'a/x.png': '' },
    {},
    'a/x.png',
    `expected a whole PNG or JPEG picture, found bytes of another format; ${fixPicture}`,
  ],
  'another format under the name of png': [
    { 'a/x.png': '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"></svg>' },
    {},
    'a/x.png',
    `expected a whole PNG or JPEG picture, found bytes of another format; ${fixPicture}`,
  ],
  'a file that is no picture': [
    { 'b/notes.txt': 'x' },
    {},
    'b/notes.txt',
    `expected a .png, .jpg or .jpeg file, found another file; move it out of the class folder, or ${fixFolder}`,
  ],
  'a folder in a class folder': [
    { 'b/c.png/x.png': 'x' },
    {},
    'b/c.png',
    `expected a .png, .jpg or .jpeg file, found a folder; move it out of the class folder, or ${fixFolder}`,
  ],
  'a picture of another size': [
    { 'b/x.png': await picture('png', [1], 2, 4) },
    {},
    'b/x.png',
    'expected 2×3 pixels as in a/0.png, found 2×4; resize all pictures with --image-size HxW',
  ],
  'a class of one picture': [
    { 'c/x.png': await picture('png', [1]) },
    {},
    '',
    "expected 2 images of class 'c', one for training and one for the test, found 1; add images, or name a test part with --test-data",
  ],
  'a picture beyond the limit': [
    { 'c/x.png': new Uint8Array(2 ** 26 + 1) },
    {},
    'c/x.png',
    'expected a file of at most 67108864 bytes, found one of 67108865 bytes; correct the data, or name other data with --dataset',
  ],
  'too large a size for so many': [
    await twoClasses(40),
    { imageSize: '4096' },
    '',
    'expected at most 1073741824 bytes of pixels, found 80 images of 4096×4096×1; use fewer images, or make them smaller with --image-size',
  ],
};

test.each(Object.entries(wrong))('%s: told in one line', async (_, [add, options, where, told]) => {
  const root = await put({ ...(await twoClasses(2)), ...add });
  const run = () => loadDataSet({ name: root, ...options });
  if (typeof told === 'string')
    return void (await expectFailure(run, 'bad-data', `${join(root, where)}: ${told}`));
  const error = await run().catch(error => error);
  expect(error).toMatchObject({ code: 'bad-data', where: join(root, where) });
  expect(error.message.slice(error.where.length + 2)).toMatch(told);
});

test('an empty class folder, one class, none, too many, one that only the test has', async () => {
  const one = await picture('png', [1]);
  const fix = 'correct the data, or name other data with --dataset';
  const tell = 'name the column or the folders that tell the classes apart';
  const fails = async (files: Files, where: string, told: string, empty?: string) => {
    const root = await put(files);
    if (empty !== undefined) await mkdir(join(root, empty));
    await expectFailure(() => loadDataSet({ name: root }), 'bad-data', `${join(root, where)}: ${told}`);
  };
  const two = await twoClasses(2);
  await fails(two, 'c', 'expected pictures, found an empty class folder; fill or remove it', 'c');
  await fails({ 'a/0.png': one, 'a/1.png': one }, '', `expected 2 to 256 classes, found one, 'a'; ${tell}`);
  await fails({ 'x.png': one }, '', `expected class folders, found none; ${fixFolder}`);
  const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`${i}/x.png`, one]));
  await fails(many, '', `expected 2 to 256 classes, found 257; ${tell}`);
  const strange = { ...(await twoClasses(1, 'train/')), 'test/z/x.png': one };
  await fails(
    strange,
    'train',
    `expected training images of every class, found none of the test class 'z'; ${fix}`,
  );
  const larger = { ...(await twoClasses(1, 'train/')), 'test/a/x.png': await picture('png', [1], 5, 5) };
  const root = await put(larger);
  await expectFailure(
    () => loadDataSet({ name: root }),
    'bad-data',
    `${join(root, 'test')}: expected images of 2×3 as in ${join(root, 'train')}, found 5×5; resize all images with --image-size HxW`,
  );
});

test('options that do not go with a folder', async () => {
  const name = await put(await twoClasses(2));
  const halves = await put({ ...(await twoClasses(2, 'train/')), ...(await twoClasses(1, 'test/')) });
  const fails = (options: LoadOptions, code: 'usage' | 'bad-data', message: string) =>
    expectFailure(() => loadDataSet(options), code, message);
  await fails(
    { name, labelColumn: 'y' },
    'usage',
    'labelColumn: expected a .csv or .csv.gz as data set, found a folder; leave labelColumn out',
  );
  await fails(
    { name, pixelMax: 1 },
    'usage',
    'pixelMax: expected a .csv, .csv.gz or .npz as data set, found a folder; leave pixelMax out',
  );
  await fails(
    { name, testData: 'no/where' },
    'usage',
    "testData: expected a folder like the data set, found no 'no/where'; correct it",
  );
  await fails(
    { name: halves, testData: name },
    'usage',
    `testData: expected data without a test part, found one in ${join(halves, 'test')}; leave testData out`,
  );
  await fails(
    { name, testData: halves },
    'bad-data',
    `${halves}: expected class folders, found train and test folders; name one of the two`,
  );
});

test('an aborted load ends with the reason', async () => {
  const name = await put(await twoClasses(2));
  await expect(loadDataSet({ name, signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
});

test('a data set is named after its folder', async () => {
  const root = await put(await twoClasses(2, 'x/'));
  await rename(join(root, 'x'), join(root, 'birds'));
  expect((await loadDataSet({ name: `${root}/birds/` })).name).toBe('birds');
});
