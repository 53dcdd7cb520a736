import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockDirectory } from '../../../src/shared/artifacts/index.ts';
import { self, whereabouts } from '../../../src/shared/artifacts/owner.ts';
import { scratch } from '../../fixtures/runs.ts';

const place = scratch();
let directories = 0;
const directory = async (): Promise<string> => {
  const path = join(place, String(directories++));
  await mkdir(path);
  return path;
};
/** A directory with a lock that `owner` left behind, renewed `ageMs` ago. */
async function leftBehind(owner: object | undefined, ageMs = 0): Promise<string> {
  const path = await directory();
  await mkdir(join(path, '.lock'));
  const time = (Date.now() - ageMs) / 1000;
  await utimes(join(path, '.lock'), time, time);
  if (owner !== undefined) await writeFile(join(path, '.lock.owner'), JSON.stringify(owner));
  return path;
}
/** No process has that number: it is beyond the largest. */
const nobody = { ...self(), pid: 2 ** 30 };

test('one has it; a second is refused and told whose it is; given back it is free, and nothing is left', async () => {
  const path = await directory();
  const lock = await lockDirectory(path);
  await expect(lockDirectory(path)).rejects.toMatchObject({
    code: 'output',
    exitCode: 2,
    where: path,
    details: { found: expect.stringMatching(`^process ${process.pid} on ${hostname()}, since 2`) },
  });
  lock.assertHeld();
  await lock.release();
  expect(await readdir(path)).toEqual([]);
  await (await lockDirectory(path)).release();
});

test('of several who come at the same time one gets it', async () => {
  for (const path of [await directory(), await leftBehind(nobody), await leftBehind(undefined)]) {
    const all = await Promise.allSettled([1, 2, 3, 4].map(() => lockDirectory(path)));
    const held = all.flatMap(end => (end.status === 'fulfilled' ? [end.value] : []));
    expect(held).toHaveLength(1);
    held[0]!.assertHeld();
    await held[0]!.release();
  }
});

describe('what a dead process left behind is taken over at once', () => {
  test.each<[string, object | undefined]>([
    ['a process that is gone', nobody],
    ['a process whose number another one has now', { ...self(), born: '1' }],
    ['one that died before it wrote its name', undefined],
  ])('%s', async (_, owner) => {
    const path = await leftBehind(owner);
    const lock = await lockDirectory(path);
    expect(JSON.parse(await readFile(join(path, '.lock.owner'), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(path)).toEqual([]);
  });
});

describe('what a process elsewhere has', () => {
  const elsewhere = { ...nobody, host: `not-${hostname()}` };

  test('is its own as long as it renews it', async () => {
    await expect(lockDirectory(await leftBehind(elsewhere, 50_000))).rejects.toMatchObject({
      details: {
        found: expect.stringContaining(`on not-${hostname()}`),
        fix: expect.stringContaining('60 seconds'),
      },
    });
  });

  test('is taken over when it has not for a minute', async () => {
    await (await lockDirectory(await leftBehind(elsewhere, 61_000))).release();
  });

  test('also in another container under the same name', async () => {
    const path = await leftBehind({ ...nobody, space: 'pid:[1]' });
    await expect(lockDirectory(path)).rejects.toMatchObject({ code: 'output' });
  });
});

test('a process here that lives has it, however long it was too busy to renew it', async () => {
  await expect(lockDirectory(await leftBehind(self(), 3_600_000))).rejects.toMatchObject({ code: 'output' });
});

test('whereabouts of this process, and of nobody', () => {
  expect([self(), nobody].map(whereabouts)).toEqual(['alive', 'dead']);
});

test('a lock that is lost is known, once, and what is there then is left alone', async () => {
  const path = await directory();
  const lost: Error[] = [];
  const lock = await lockDirectory(path, error => lost.push(error));
  await rm(join(path, '.lock'), { recursive: true });
  await mkdir(join(path, '.lock')); // another's
  await expect.poll(() => lost.length, { timeout: 20_000, interval: 200 }).toBe(1);
  expect(() => lock.assertHeld()).toThrow('a directory in which no other run writes');
  await lock.release();
  expect(existsSync(join(path, '.lock'))).toBe(true);
});
