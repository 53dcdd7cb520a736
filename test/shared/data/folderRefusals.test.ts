import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type LoadOptions, loadDataSet } from '../../../src/shared/data/index.ts';
import { type Files, picture, put, twoClasses } from './grounds.ts';
import { expectFailure } from './scratch.ts';

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
