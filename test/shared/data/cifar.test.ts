import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadDataSet } from '../../../src/shared/data/index.ts';
import { type Files, put } from './grounds.ts';
import { expectFailure, scratchDirectory } from './scratch.ts';

const record = 3073;
const side = 32;

/** Records of a label and three planes, each of one value. */
const batch = (...labels: number[]): Uint8Array =>
  Uint8Array.from({ length: labels.length * record }, (_, i) => {
    const at = (i % record) - 1;
    return at < 0
      ? labels[Math.floor(i / record)]!
      : 10 * Math.floor(at / side ** 2) + ((at % side ** 2) % 7);
  });

const files = (prefix = '', change: Files = {}): Files => {
  const all: Files = {
    ...Object.fromEntries([1, 2, 3, 4, 5].map(i => [`data_batch_${i}.bin`, batch(i, 0)])),
    'test_batch.bin': batch(9, 8, 7),
    ...change,
  };
  return Object.fromEntries(Object.entries(all).map(([name, content]) => [prefix + name, content]));
};

const fix =
  'unpack cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html and name its directory with --data-dir';
const expected = `expected the files data_batch_1.bin to 5 and test_batch.bin of CIFAR-10's binary version, which is not downloaded`;

afterEach(() => vi.unstubAllEnvs());

describe('CIFAR-10', () => {
  test.each(['', 'cifar10/', 'cifar-10-batches-bin/'])('is read from DIR/%s', async prefix => {
    const dataDir = await put(files(prefix));
    const set = await loadDataSet({ name: 'cifar10', dataDir });
    expect(set).toMatchObject({
      name: 'cifar10',
      imageShape: [32, 32, 3],
      source: join(dataDir, prefix, '.'),
    });
    expect([set.train.count, set.test.count, set.classNames.length]).toEqual([10, 3, 10]);
    expect(Array.from(set.train.labels)).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
    expect(Array.from(set.test.labels)).toEqual([9, 8, 7]);
    expect(Array.from(set.test.images.subarray(0, 9))).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22]);
    expect(set.test.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('is read from the cache', async () => {
    vi.stubEnv('DISTILL_CLUSTER_CACHE', await put(files('cifar10/')));
    expect((await loadDataSet({ name: 'cifar10', imageSize: '8', channels: 1 })).imageShape).toEqual([
      8, 8, 1,
    ]);
  });

  test('that is nowhere is not downloaded: the error says where it is', async () => {
    const cache = await scratchDirectory();
    vi.stubEnv('DISTILL_CLUSTER_CACHE', cache);
    const message = `${join(cache, 'cifar10')}: ${expected}, found not all of them; ${fix}`;
    await expectFailure(() => loadDataSet({ name: 'cifar10' }), 'no-data', message);
    const { 'data_batch_3.bin': _, ...others } = files();
    const dataDir = await put(others);
    await expectFailure(
      () => loadDataSet({ name: 'cifar10', dataDir }),
      'no-data',
      `${dataDir}: ${expected}, found not all of them; ${fix}`,
    );
  });

  test.each<[string, Uint8Array, string]>([
    ['a cut file', batch(1, 2).subarray(0, -1), 'expected records of 3073 bytes, found 6145 bytes'],
    ['an empty file', new Uint8Array(), 'expected records of 3073 bytes, found 0 bytes'],
    ['a label beyond the last', batch(1, 10), 'expected labels of 0 to 9, found 10 in record 1'],
  ])('%s: told in one line', async (_, content, told) => {
    const dataDir = await put(files('', { 'data_batch_2.bin': content }));
    const message = `${join(dataDir, 'data_batch_2.bin')}: ${told}; ${fix}`;
    await expectFailure(() => loadDataSet({ name: 'cifar10', dataDir }), 'bad-data', message);
  });
});
