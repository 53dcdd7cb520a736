/** @file CIFAR-10 in its binary version: records of a label and 32 × 32 reds, greens and blues. In: a directory. Out: two parts. It is never downloaded.
 *  Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), and the page of the data set. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DistillError } from '../errors.ts';
import {
  badContent,
  type Content,
  checkSizes,
  contentLimits,
  type FileDigest,
  type Part,
  sha256,
} from './content.ts';
import { readFile } from './files.ts';
import { cacheDirectory } from './sources.ts';

const trainFiles = [1, 2, 3, 4, 5].map(i => `data_batch_${i}.bin`);
const testFiles = ['test_batch.bin'];
const side = 32;
const plane = side * side;
const record = 1 + 3 * plane;

export const cifarClasses = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** Reads the six files, from `dataDir` or else the cache, there or in a directory called as the archive's.
 *  @throws DistillError 'no-data' when one is missing, 'bad-data' when one is not what it should be. */
export async function readCifar10(
  dataDir: string | undefined,
  signal: AbortSignal,
): Promise<Content & { readonly source: string }> {
  const directory = await find(dataDir ?? cacheDirectory(), dataDir === undefined);
  const files: FileDigest[] = [];
  const read = async (names: readonly string[]): Promise<Part> => {
    const contents: Buffer[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      const path = join(directory, name);
      const content = await readFile(path, contentLimits.bytes, fix);
      checkRecords(content, path);
      files.push({ name, sha256: sha256(content) });
      contents.push(content);
    }
    return partOf(contents, directory);
  };
  const train = await read(trainFiles);
  return { train, test: await read(testFiles), files, source: directory };
}

const fix =
  'unpack cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html and name its directory with --data-dir';

async function find(base: string, isCache: boolean): Promise<string> {
  const directories = [join(base, 'cifar10'), join(base, 'cifar-10-batches-bin'), ...(isCache ? [] : [base])];
  for (const directory of directories) if (await holdsAll(directory)) return directory;
  throw new DistillError('no-data', isCache ? directories[0]! : base, {
    expected: `the files ${trainFiles[0]} to 5 and ${testFiles[0]} of CIFAR-10's binary version, which is not downloaded`,
    found: 'not all of them',
    fix,
  });
}

async function holdsAll(directory: string): Promise<boolean> {
  const there = (name: string) =>
    stat(join(directory, name)).then(
      entry => entry.isFile(),
      () => false,
    );
  return (await Promise.all([...trainFiles, ...testFiles].map(there))).every(Boolean);
}

function checkRecords(content: Buffer, path: string): void {
  if (content.length === 0 || content.length % record !== 0)
    throw badContent(path, `records of ${record} bytes`, `${content.length} bytes`, fix);
  for (let at = 0; at < content.length; at += record)
    if (content[at]! >= cifarClasses.length)
      throw badContent(path, 'labels of 0 to 9', `${content[at]} in record ${at / record}`, fix);
}

/** Planes become channels, last. */
function partOf(contents: readonly Buffer[], where: string): Part {
  const count = contents.reduce((sum, { length }) => sum + length / record, 0);
  checkSizes(count, [side, side, 3], where);
  const pixels = new Uint8Array(count * 3 * plane);
  const labels: string[] = [];
  let to = 0;
  for (const content of contents)
    for (let at = 0; at < content.length; at += record) {
      labels.push(cifarClasses[content[at]!]!);
      for (let p = 0; p < plane; p++)
        for (let c = 0; c < 3; c++) pixels[to++] = content[at + 1 + c * plane + p]!;
    }
  return { shape: [side, side, 3], pixels, labels, where };
}
