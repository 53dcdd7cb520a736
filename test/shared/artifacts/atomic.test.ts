import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeFileWhole } from '../../../src/shared/artifacts/index.ts';

describe('writeFileWhole', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('what is read meanwhile is an old or a new content, whole, and nothing else stays behind', async () => {
    const path = join(directory, 'state');
    const content = (n: number) => new Uint8Array(100_000 + n).fill(n);
    await writeFileWhole(path, content(0));
    let writing = true;
    const reads = (async () => {
      while (writing) {
        const found = await readFile(path);
        expect(found.equals(content(found[0]!))).toBe(true);
      }
    })();
    for (let n = 1; n < 20; n++) await writeFileWhole(path, content(n));
    await Promise.all([20, 21, 22].map(n => writeFileWhole(path, content(n))));
    writing = false;
    await reads;
    expect((await readFile(path))[0]).toBeGreaterThanOrEqual(20);
    expect(await readdir(directory)).toEqual(['state']);
  });

  test('text is written as UTF-8, a view as its own part of the buffer', async () => {
    const path = join(directory, 'text');
    await writeFileWhole(path, 'η̃ = 0.02');
    expect(await readFile(path, 'utf8')).toBe('η̃ = 0.02');
    await writeFileWhole(path, new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
    expect([...(await readFile(path))]).toEqual([2, 3]);
  });

  test('a write that fails names the path, and leaves what was there and no temporary file', async () => {
    const blocked = join(directory, 'blocked');
    await mkdir(blocked);
    await writeFile(join(blocked, 'inside'), 'old');
    await expect(writeFileWhole(blocked, 'new')).rejects.toMatchObject({ code: 'output', where: blocked });
    expect(await readdir(blocked)).toEqual(['inside']);
    expect((await readdir(directory)).filter(name => name.endsWith('.tmp'))).toEqual([]);
    const nowhere = join(directory, 'missing', 'file');
    await expect(writeFileWhole(nowhere, 'new')).rejects.toMatchObject({ code: 'output', where: nowhere });
  });
});
