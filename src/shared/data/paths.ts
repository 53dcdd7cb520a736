/** @file A data set that is a path: which kind it is, the reading of it and of its test part. In: a path and options. Out: a data set. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { assemble } from './assemble.ts';
import { badContent, type Content, type FileDigest, misplaced } from './content.ts';
import { readCsv } from './csv.ts';
import { readFolder } from './folder.ts';
import { unreadable } from './local.ts';
import { readNumpy } from './numpy.ts';
import { type ReadingOptions, sizeOf } from './options.ts';
import type { DataSet } from './types.ts';
import { commonWhite, scaled, type Values } from './values.ts';

type Kind = 'folder' | 'npz' | 'csv';

/** What a path is, by being a directory or by its name's end; undefined when nothing is there.
 *  @throws DistillError 'bad-data' for a file of another kind. */
export async function kindOf(path: string): Promise<Kind | undefined> {
  try {
    if ((await stat(path)).isDirectory()) return 'folder';
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, cause);
  }
  if (/\.npz$/i.test(path)) return 'npz';
  if (/\.csv(\.gz)?$/i.test(path)) return 'csv';
  throw badContent(path, kinds, 'a file of another kind', 'convert it, see docs/data.md');
}

export const kinds = 'a folder of class folders, a .npz, .csv or .csv.gz';

/** Reads the data set at `path`, which is of `kind`.
 *  @throws DistillError 'bad-data', 'no-data'; 'usage' for options that do not go with it. */
export async function loadPath(
  path: string,
  kind: Kind,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<DataSet> {
  checkOptions(kind, options);
  const whole = resolve(path);
  const second = options.testData === undefined ? undefined : resolve(options.testData);
  if (second !== undefined) await checkSecond(options.testData!, kind);
  const content =
    kind === 'folder'
      ? await folderContent(whole, second, options, signal)
      : await valuesContent(whole, second, kind, options, signal);
  return assemble(content, options, { name: basename(whole), source: path });
}

function checkOptions(kind: Kind, { labelColumn, pixelMax = 'auto' }: ReadingOptions): void {
  if (labelColumn !== undefined && kind !== 'csv')
    throw misplaced('labelColumn', 'a .csv or .csv.gz as data set', `a ${kind}`, 'leave labelColumn out');
  if (pixelMax !== 'auto' && kind === 'folder')
    throw misplaced('pixelMax', 'a .csv, .csv.gz or .npz as data set', 'a folder', 'leave pixelMax out');
}

async function checkSecond(path: string, kind: Kind): Promise<void> {
  const found = await kindOf(path);
  if (found !== kind)
    throw misplaced(
      'testData',
      `a ${kind} like the data set`,
      found ? `a ${found}` : `no '${path}'`,
      'correct it',
    );
}

async function folderContent(
  path: string,
  second: string | undefined,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<Content> {
  const size = sizeOf(options.imageSize);
  const first = await readFolder(path, size, signal);
  if (second === undefined) return first;
  refuseSecond(first.test !== undefined, join(path, 'test'));
  const test = await readFolder(second, size, signal);
  if (test.test !== undefined)
    throw badContent(second, 'class folders', 'train and test folders', 'name one of the two');
  return { train: first.train, test: test.train, files: [...first.files, ...test.files.map(asTest)] };
}

async function valuesContent(
  path: string,
  second: string | undefined,
  kind: 'csv' | 'npz',
  { labelColumn, pixelMax = 'auto' }: ReadingOptions,
  signal: AbortSignal,
): Promise<Content> {
  const read = async (path: string): Promise<readonly Values[]> => {
    signal.throwIfAborted();
    return kind === 'csv' ? [await readCsv(path, labelColumn)] : readNumpy(path);
  };
  const parts = [...(await read(path))];
  const files = [{ name: '', sha256: parts[0]!.sha256 }]; // '' is the root itself: a file may be renamed
  if (second !== undefined) {
    refuseSecond(parts.length > 1, path);
    const [test, more] = await read(second);
    if (more) throw badContent(second, 'one part', 'a training and a test part', 'save one of the two');
    parts.push(test!);
    files.push(asTest({ name: '', sha256: test!.sha256 }));
  }
  const white = commonWhite(parts, pixelMax);
  const [train, test] = parts.map(part => scaled(part, white));
  const choices = { ...(labelColumn !== undefined && { labelColumn }), pixelMax: white };
  return { train: train!, test, files, choices };
}

const asTest = ({ name, sha256 }: FileDigest): FileDigest => ({ name: `test:${name}`, sha256 });

function refuseSecond(hasTest: boolean, where: string): void {
  if (hasTest)
    throw misplaced('testData', 'data without a test part', `one in ${where}`, 'leave testData out');
}
