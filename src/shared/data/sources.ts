/** @file Where a data set's four files come from, in this order: the directory the user names (then only that), an installed npm package, the cache,
 *  a download into the cache. The environment may move the cache (DISTILL_CLUSTER_CACHE) and the downloads' base URL (DISTILL_CLUSTER_MIRROR). */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { writeFileWhole } from '../artifacts/atomic.ts';
import { DistillError, messageOf } from '../errors.ts';
import { type FileName, fileNames, type KnownDataSet } from './catalogue.ts';
import { download } from './download.ts';
import { type FilePaths, filesIn, filesInPackage, filesUnder } from './local.ts';

export interface SourceOptions {
  /** The only directory to look in; its files are taken as they are, whatever their size. */
  readonly dataDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each piece of a download. What it throws ends the load. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** How long a download may stay silent before the next attempt; 20,000 unless told. */
  readonly timeoutMs?: number | undefined;
}

/** How far the download of one file is. */
export interface Progress {
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes?: number;
}

export interface Found {
  readonly paths: FilePaths;
  /** The place, for people. */
  readonly source: string;
  /** What to do when a file from there turns out damaged. */
  readonly fix: string;
}

/** Finds the four files, downloading those that are nowhere.
 *  @throws DistillError 'no-data' when a file is in no place that may be looked at, 'output' when the cache can't be written, 'usage' when
 *          DISTILL_CLUSTER_MIRROR is no URL; `signal.reason` after an abort. */
export async function findFiles(known: KnownDataSet, options: SourceOptions = {}): Promise<Found> {
  const { dataDir } = options;
  if (dataDir !== undefined) {
    const paths = await filesUnder(dataDir, known.name);
    return { paths, source: dataDir, fix: 'replace the file with an intact one' };
  }
  const packaged = await filesInPackage(known);
  if (packaged !== undefined) {
    const source = `npm package ${known.packageName}`;
    return { paths: packaged, source, fix: `install the ${source} again` };
  }
  const directory = join(cacheDirectory(), known.name);
  const cached = await filesIn(directory);
  const paths = { ...cached, ...(await fetchMissing(known, cached, directory, options)) } as FilePaths;
  return { paths, source: directory, fix: 'delete the file and run again' };
}

/** Where downloads are kept: a directory per data set in it. */
export function cacheDirectory(): string {
  return process.env.DISTILL_CLUSTER_CACHE || envPaths('distill-cluster', { suffix: '' }).cache;
}

async function fetchMissing(
  known: KnownDataSet,
  cached: Partial<FilePaths>,
  directory: string,
  { signal, onProgress, timeoutMs }: SourceOptions,
): Promise<Partial<FilePaths>> {
  const paths: { [F in FileName]?: string } = {};
  let bases = mirrors(known);
  for (const name of fileNames.filter(name => cached[name] === undefined)) {
    const file = `${name}.gz`;
    const path = join(directory, file);
    const wanted = known.downloads[name];
    await keeping(path, () => mkdir(directory, { recursive: true })); // before the download, which would be in vain
    const onBytes = (receivedBytes: number) =>
      onProgress?.({ file, receivedBytes, totalBytes: wanted.bytes });
    const urls = bases.map(base => base + file);
    const { bytes, from } = await download(urls, wanted, fixOfDownload, { signal, onBytes, timeoutMs });
    await keeping(path, () => writeFileWhole(path, bytes));
    bases = [bases[from]!, ...bases.filter((_, i) => i !== from)]; // a mirror that stalls costs its timeout once, not four times
    paths[name] = path;
  }
  return paths;
}

const fixOfDownload =
  'name a directory that has the four files with --data-dir DIR, or set DISTILL_CLUSTER_MIRROR to a URL that serves them';

function mirrors(known: KnownDataSet): readonly string[] {
  const own = process.env.DISTILL_CLUSTER_MIRROR;
  if (!own) return known.mirrors;
  const url = URL.canParse(own) ? new URL(own) : undefined;
  const hasPassword = url !== undefined && url.username + url.password !== '';
  if (url === undefined || !/^https?:$/.test(url.protocol) || hasPassword)
    throw new DistillError('usage', 'DISTILL_CLUSTER_MIRROR', {
      expected: `the http or https URL of a directory with ${fileNames[0]}.gz and its three neighbours`,
      found: hasPassword ? 'one with a user name or password, which is not supported' : `'${own}'`,
      fix: 'set it to such a URL, or unset it',
    });
  return [own.endsWith('/') ? own : `${own}/`];
}

async function keeping(path: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new DistillError(
      'output',
      path,
      {
        expected: 'a cache directory that can be written',
        found: cause instanceof DistillError ? cause.details.found : messageOf(cause),
        fix: 'make room, or set DISTILL_CLUSTER_CACHE to another directory',
      },
      { cause },
    );
  }
}
