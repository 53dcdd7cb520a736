import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileNames } from '../../../src/shared/data/catalogue.ts';
import { filesInPackage, filesUnder } from '../../../src/shared/data/local.ts';
import { expectFailure, scratchDirectory } from './scratch.ts';

async function put(directory: string, names: readonly string[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of names) await writeFile(join(directory, name), '');
}

const [first, ...others] = fileNames;
const expected =
  'expected the files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, ' +
  'here or in mnist/, each also with .gz or spelt as train-images.idx3-ubyte';
const fix = 'put them there, or name another directory with --data-dir';

test.each([
  'train-images-idx3-ubyte',
  'train-images.idx3-ubyte',
  'train-images-idx3-ubyte.gz',
  'train-images.idx3-ubyte.gz',
])('%s is found, in the directory and in the data set’s own', async variant => {
  const directory = await scratchDirectory();
  await put(directory, [variant, ...others]);
  expect((await filesUnder(directory, 'mnist'))[first]).toBe(join(directory, variant));
  await put(join(directory, 'mnist'), [variant, ...others]);
  expect((await filesUnder(directory, 'mnist'))[first]).toBe(join(directory, 'mnist', variant));
});

test('a directory called as a file is not the file', async () => {
  const directory = await scratchDirectory();
  await put(directory, fileNames);
  await rename(join(directory, first), join(directory, 'train-images.idx3-ubyte'));
  await mkdir(join(directory, first)); // as an archive of MNIST that goes around unpacks
  expect((await filesUnder(directory, 'mnist'))[first]).toBe(join(directory, 'train-images.idx3-ubyte'));
});

test('files are never taken from both directories', async () => {
  const directory = await scratchDirectory();
  await put(directory, fileNames);
  await put(join(directory, 'mnist'), [first]);
  const found = 'found no train-labels-idx1-ubyte, no t10k-images-idx3-ubyte, no t10k-labels-idx1-ubyte';
  const message = `${directory}: ${expected}, ${found}; ${fix}`;
  await expectFailure(() => filesUnder(directory, 'mnist'), 'no-data', message);
});

test.each(fileNames)('without %s: told in one line', async missing => {
  const directory = await scratchDirectory();
  await put(
    directory,
    fileNames.filter(name => name !== missing),
  );
  const message = `${directory}: ${expected}, found no ${missing}; ${fix}`;
  await expectFailure(() => filesUnder(directory, 'mnist'), 'no-data', message);
});

test('an empty directory, none at all, and a file in its place are told apart', async () => {
  const directory = await scratchDirectory();
  const none = `${directory}: ${expected}, found none of them; ${fix}`;
  await expectFailure(() => filesUnder(directory, 'mnist'), 'no-data', none);
  await put(directory, ['file']);
  for (const path of [join(directory, 'nowhere'), join(directory, 'file')])
    await expectFailure(
      () => filesUnder(path, 'mnist'),
      'no-data',
      `${path}: ${expected}, found no such directory; ${fix}`,
    );
});

test('a path that can’t be looked at is named', async () => {
  const directory = await scratchDirectory();
  const path = join(directory, first);
  await symlink(path, path); // to itself, as even root can't follow
  const message = `${path}: expected a data file that can be read, found ELOOP: too many symbolic links encountered, stat '${path}'; check the path and its rights`;
  await expectFailure(() => filesUnder(directory, 'mnist'), 'no-data', message);
});

test('a relative directory is told as an absolute one', () =>
  expect(filesUnder('no/such/place', 'mnist')).rejects.toThrow(
    `${join(process.cwd(), 'no/such/place')}: expected`,
  ));

test('a package that is not installed is no error', async () => {
  const known = { name: 'x', classNames: [], mirrors: [], downloads: {} as never };
  expect(await filesInPackage(known)).toBeUndefined();
  expect(await filesInPackage({ ...known, packageName: 'no-such-package-anywhere' })).toBeUndefined();
  expect(await filesInPackage({ ...known, packageName: 'vitest' })).toBeUndefined(); // one without the files
});
