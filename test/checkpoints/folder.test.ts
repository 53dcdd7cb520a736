import { mkdirSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Keeper, newestIn, removeFrom, stepsIn, writeTo } from '../../src/checkpoints/index.ts';
import { scratch } from '../fixtures/runs.ts';
import { checkpointAt, job, plan } from './samples.ts';

const place = scratch();
let directories = 0;
const directory = (): string => {
  const path = join(place, String(directories++));
  mkdirSync(path);
  return path;
};
const file = (step: number): string => `step-0000000${step}.safetensors`;

describe('a directory of checkpoints', () => {
  test('has the newest two, and no rest of a write that was killed; what is another’s stays', async () => {
    const path = directory();
    await writeFile(join(path, `${file(1)}.0e1f-22.tmp`), 'half');
    await writeFile(join(path, 'notes.tmp'), 'mine');
    for (const step of [1, 2, 3, 4]) await writeTo(path, checkpointAt(step));
    expect((await readdir(path)).sort()).toEqual(['notes.tmp', file(3), file(4)]);
    expect(await stepsIn(path)).toEqual([4, 3]);
  });

  test('loses later ones when it goes on from an earlier one', async () => {
    const path = directory();
    for (const step of [5, 7]) await writeTo(path, checkpointAt(step));
    await writeTo(path, checkpointAt(6));
    expect(await stepsIn(path)).toEqual([6, 5]);
  });

  test('gives the newest good one up to a step, and says which are damaged', async () => {
    const path = directory();
    for (const step of [3, 5]) await writeTo(path, checkpointAt(step));
    expect(await newestIn(path)).toEqual({ checkpoint: checkpointAt(5), damaged: [] });
    expect(await newestIn(path, 4)).toEqual({ checkpoint: checkpointAt(3), damaged: [] });
    expect(await newestIn(path, 2)).toBeUndefined();
    await truncate(join(path, file(5)), 1000);
    const { checkpoint, damaged } = (await newestIn(path))!;
    expect(checkpoint).toEqual(checkpointAt(3));
    expect(damaged).toEqual([expect.stringContaining(file(5))]);
    await writeFile(join(path, file(3)), '');
    await expect(newestIn(path)).rejects.toMatchObject({ code: 'bad-file', where: path });
  });

  test('a file under the name of another step is damaged', async () => {
    const path = directory();
    await writeTo(path, checkpointAt(3));
    await writeFile(join(path, file(4)), await readFile(join(path, file(3))));
    expect(await newestIn(path)).toEqual({
      checkpoint: checkpointAt(3),
      damaged: [expect.stringContaining('after 4 steps')],
    });
  });

  test('that is not there has none', async () => {
    expect(await stepsIn(join(place, 'none'))).toEqual([]);
    expect(await newestIn(join(place, 'none'))).toBeUndefined();
    await removeFrom(join(place, 'none'), () => true);
  });
});

describe('a keeper', () => {
  const { origin } = checkpointAt(1);
  const kept = (checkpointEvery: number | string, more: object = {}) => {
    const [path, told]: [string, string[]] = [directory(), []];
    const config = { ...job.config, checkpointEvery, steps: plan.steps };
    const keeper = new Keeper({
      directory: path,
      origin: { ...origin, config },
      assertHeld: () => undefined,
      notice: message => told.push(message),
      ...more,
    });
    const keep = (step: number, over = false) => keeper.keep(checkpointAt(step).snapshot, over);
    return { path, told, keeper, keep };
  };

  test('writes every so many steps, and the last', async () => {
    const { path, keep } = kept(3);
    const seen: number[][] = [];
    for (const step of [1, 2, 3, 4, 5, 6, 7]) {
      await keep(step);
      seen.push(await stepsIn(path));
    }
    expect(seen).toEqual([[], [], [3], [3], [3], [6, 3], [6, 3]]);
    await keep(8, true);
    expect(await stepsIn(path)).toEqual([8, 6]);
  });

  test('writes after so much time: at once with none', async () => {
    const [never, always] = [kept('1h'), kept('0s')];
    for (const { keep } of [never, always]) for (const step of [1, 2, 3]) await keep(step);
    expect(await stepsIn(never.path)).toEqual([]);
    expect(await stepsIn(always.path)).toEqual([3, 2]);
  });

  test.each([0, 'never'])('with %s writes nothing, not even the last', async every => {
    const { path, keep, keeper } = kept(every);
    await keep(1, true);
    await keeper.flush();
    expect(await stepsIn(path)).toEqual([]);
  });

  test('waits for what must come before, and writes a state once', async () => {
    const before: number[] = [];
    const { path, keep, keeper } = kept('1h', { before: async (step: number) => void before.push(step) });
    const { snapshot } = checkpointAt(4);
    await keeper.keep(snapshot, true);
    await keeper.keep(snapshot, true);
    await keeper.flush();
    await keep(5);
    expect([before, await stepsIn(path)]).toEqual([[4], [4]]);
  });

  test('that cannot write keeps what is there, tells it once, goes on, and tells when it can again', async () => {
    let full = false;
    const before = async (): Promise<void> => {
      if (full) throw new Error('no space left');
    };
    const { path, told, keep } = kept(1, { before });
    await keep(1);
    full = true;
    for (const step of [2, 3]) await keep(step);
    expect(await stepsIn(path)).toEqual([1]);
    expect(told).toEqual([
      'THE CHECKPOINT OF STEP 2 COULD NOT BE WRITTEN (no space left); that of step 1 stays, the run goes on',
    ]);
    full = false;
    await keep(4);
    expect(await stepsIn(path)).toEqual([4, 1]);
    expect(told.slice(1)).toEqual(['checkpoints are written again, that of step 4 is']);
  });

  test('whose directory is another’s by now ends the run, and writes nothing', async () => {
    const lost = new Error('lost');
    const { path, keep } = kept(1, {
      assertHeld: () => {
        throw lost;
      },
    });
    await expect(keep(1, true)).rejects.toBe(lost);
    expect(await stepsIn(path)).toEqual([]);
  });
});
