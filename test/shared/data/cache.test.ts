import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Download,
  type FileName,
  fileNames,
  type KnownDataSet,
} from '../../../src/shared/data/catalogue.ts';
import { cacheDirectory, loadDataSet, type Progress } from '../../../src/shared/data/index.ts';
import { loadKnown } from '../../../src/shared/data/load.ts';
import { idxSet } from '../../fixtures/idx.ts';
import { expectFailure, scratchDirectory, serve, shutServer } from './scratch.ts';

const files = idxSet({ train: 30, test: 20, gzip: true });
const served = (path: string, response: ServerResponse) => {
  const file = files[path.replace('.gz', '')];
  return file ? response.end(file) : response.writeHead(404).end();
};
const about = (bytes: Uint8Array): Download => ({
  bytes: bytes.length,
  md5: createHash('md5').update(bytes).digest('hex'),
});
const downloads = Object.fromEntries(fileNames.map(name => [name, about(files[name]!)])) as {
  [F in FileName]: Download;
};
const tiny = (...mirrors: string[]): KnownDataSet => ({
  name: 'tiny',
  classNames: Array.from('0123456789'),
  mirrors,
  downloads,
});
const gz = fileNames.map(name => `${name}.gz`);
const sorted = [...gz].sort();
const fix =
  'name a directory that has the four files with --data-dir DIR, or set DISTILL_CLUSTER_MIRROR to a URL that serves them';

let cache: string;
beforeEach(async () => {
  cache = join(await scratchDirectory(), 'cache');
  vi.stubEnv('DISTILL_CLUSTER_CACHE', cache);
  vi.stubEnv('DISTILL_CLUSTER_MIRROR', '');
});
afterEach(() => vi.unstubAllEnvs());

test('a data set is downloaded once, with progress, and then served from the cache', async () => {
  const { url, requests } = await serve(served);
  const told: Progress[] = [];
  const first = await loadKnown(tiny(url), { onProgress: progress => told.push(progress) });
  expect(first).toMatchObject({ name: 'tiny', source: join(cache, 'tiny'), imageShape: [8, 8, 1] });
  expect(requests).toEqual(gz);
  for (const name of fileNames) {
    const totalBytes = files[name]!.length;
    expect(told).toContainEqual({ file: `${name}.gz`, receivedBytes: totalBytes, totalBytes });
    expect(await readFile(join(cache, 'tiny', `${name}.gz`))).toEqual(Buffer.from(files[name]!));
  }
  expect((await readdir(join(cache, 'tiny'))).sort()).toEqual(sorted);

  const second = await loadKnown(tiny(url));
  expect(requests.length).toBe(4);
  expect(second).toEqual(first);
});

test('only what is missing is downloaded', async () => {
  const { url, requests } = await serve(served);
  const whole = await loadKnown(tiny(url));
  await rm(join(cache, 'tiny', gz[2]!));
  expect((await loadKnown(tiny(url))).checksum).toBe(whole.checksum);
  expect(requests).toEqual([...gz, gz[2]]);
});

test('a mirror that failed is not asked again for the next file', async () => {
  const gone = await serve((_, response) => response.writeHead(404).end());
  const good = await serve(served);
  await loadKnown(tiny(gone.url, good.url));
  expect([gone.requests, good.requests]).toEqual([[gz[0]], gz]);
});

test('DISTILL_CLUSTER_MIRROR takes the place of all mirrors, with or without a slash', async () => {
  const { url, requests } = await serve((path, response) =>
    served(path.replace('deep/mirror/', ''), response),
  );
  vi.stubEnv('DISTILL_CLUSTER_MIRROR', `${url}deep/mirror`);
  await loadKnown(tiny('http://nowhere.invalid/'));
  expect(requests).toEqual(gz.map(file => `deep/mirror/${file}`));
});

test.each([
  ['ftp://host/', "'ftp://host/'"],
  ['a host', "'a host'"],
  ['http://me:secret@host/', 'one with a user name or password, which is not supported'],
])('as a mirror, %s is a usage error', async (mirror, found) => {
  vi.stubEnv('DISTILL_CLUSTER_MIRROR', mirror);
  await expectFailure(
    () => loadKnown(tiny()),
    'usage',
    `DISTILL_CLUSTER_MIRROR: expected the http or https URL of a directory with train-images-idx3-ubyte.gz and its three neighbours, found ${found}; set it to such a URL, or unset it`,
  );
});

test('a real data set that can’t be reached: told in one line, and nothing is left behind', async () => {
  const { url, host } = await shutServer();
  vi.stubEnv('DISTILL_CLUSTER_MIRROR', url);
  await expectFailure(
    () => loadDataSet({ name: 'fashion-mnist' }),
    'no-data',
    `${url}train-images-idx3-ubyte.gz: expected 26421880 bytes with MD5 8d4fb7e6c68d591d4c3dfef9ec88bf0d, found ECONNREFUSED (${host}); ${fix}`,
  );
  expect(await readdir(join(cache, 'fashion-mnist'))).toEqual([]);
});

describe('a download that fails leaves no part of the file', () => {
  const last = gz[3]!;
  const { bytes, md5 } = downloads[fileNames[3]];
  const half = (response: ServerResponse) =>
    response.writeHead(200, { 'content-length': bytes }).write(Buffer.alloc(9));
  const cut = (response: ServerResponse) => {
    half(response);
    setTimeout(() => response.destroy(), 20);
  };
  const other = Buffer.alloc(bytes, 7);

  test.each<[string, (response: ServerResponse) => unknown, string]>([
    ['another checksum', response => response.end(other), `${bytes} bytes with MD5 ${about(other).md5}`],
    ['cut', cut, 'UND_ERR_SOCKET after 9 bytes'],
    ['not found', response => response.writeHead(404).end(), 'HTTP status 404'],
    ['stalled', half, 'nothing for 100 ms after 9 bytes'],
  ])('%s', async (_, answer, found) => {
    const { url, host } = await serve((path, response) =>
      path === last ? answer(response) : served(path, response),
    );
    await expectFailure(
      () => loadKnown(tiny(url), { timeoutMs: 100 }),
      'no-data',
      `${url}${last}: expected ${bytes} bytes with MD5 ${md5}, found ${found} (${host}); ${fix}`,
    );
    expect((await readdir(join(cache, 'tiny'))).sort()).toEqual(sorted.filter(file => file !== last));
  });

  test('aborted', async () => {
    const stop = new AbortController();
    const { url } = await serve((path, response) =>
      path === last ? half(response) : served(path, response),
    );
    const onProgress = ({ receivedBytes }: Progress) => {
      if (receivedBytes === 9) stop.abort('enough');
    };
    await expect(loadKnown(tiny(url), { signal: stop.signal, onProgress })).rejects.toBe('enough');
    expect((await readdir(join(cache, 'tiny'))).sort()).toEqual(sorted.filter(file => file !== last));
  });
});

test('a damaged file in the cache is named, with what to do', async () => {
  const { url } = await serve(served);
  await loadKnown(tiny(url));
  const path = join(cache, 'tiny', gz[0]!);
  await writeFile(path, files[fileNames[0]]!.subarray(0, 500));
  await expectFailure(
    () => loadKnown(tiny(url)),
    'bad-data',
    `${path}: expected an undamaged gzip file, found unexpected end of file; delete the file and run again`,
  );
});

test('a cache that can’t be made is told before anything is downloaded', async () => {
  const { url, requests } = await serve(served);
  await writeFile(cache, 'a file where the directory should be');
  const path = join(cache, 'tiny', gz[0]!);
  const error = await loadKnown(tiny(url)).catch(error => error);
  expect(error).toMatchObject({ code: 'output', where: path });
  expect(error.message).toMatch(
    /: expected a cache directory that can be written, found E(EXIST|NOTDIR): .*; make room, or set DISTILL_CLUSTER_CACHE to another directory$/,
  );
  expect(requests).toEqual([]);
});

test('the cache is where the system keeps caches, unless told otherwise', () => {
  expect(cacheDirectory()).toBe(cache);
  vi.stubEnv('DISTILL_CLUSTER_CACHE', '');
  expect(cacheDirectory()).toMatch(/distill-cluster([\\/]Cache)?$/);
});
