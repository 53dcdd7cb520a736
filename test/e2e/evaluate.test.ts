/** @file The command evaluate and the library's compare, on a small data set: what they print, write and refuse. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison, Options } from '../../src/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { built, run } from '../fixtures/program.ts';
import { jsonLines, readJson, scratch, smallSizes } from '../fixtures/runs.ts';

const { compare, distill, evaluate, saveDistilled } = (await import(
  built('index.js').href
)) as typeof import('../../src/index.ts');

const place = scratch();
const dataDir = join(place, 'data');
await writeIdxSet(dataDir, smallSizes);
const small = {
  dataDir,
  validation: 100,
  batchSize: 50,
  models: 'logreg:2',
  steps: 30,
  evalNets: 3,
  workers: 2,
} as const satisfies Options;
const { set } = await distill(small).result;
const file = join(place, 'distilled.safetensors');
await saveDistilled(file, set);
const args = ['evaluate', file, '--data-dir', dataDir, '--eval-nets', '3', '--workers', '2'];

describe('the library', () => {
  test('compares, and says of the set what evaluate says', async () => {
    const options = { dataDir, evalNets: 3, randomDraws: 2, workers: 2 };
    const comparison = await compare(set, options);
    const again = await compare(set, { ...options, transport: 'inline' });
    expect(again).toEqual(comparison);
    const [schedule, converged] = comparison.tables;
    expect([schedule!.protocol, converged!.protocol]).toEqual(['schedule', 'converged']);
    expect(schedule!.rows[0]!.accuracy).toEqual(await evaluate(set, { dataDir, evalNets: 3 }));
    for (const { rows } of comparison.tables)
      for (const { accuracy, perClass, name } of rows) {
        expect(accuracy.nets, name).toBe(3);
        expect(perClass).toHaveLength(10);
        expect(perClass.reduce<number>((a, b) => a + b!, 0) / 10).toBeCloseTo(accuracy.mean, 9); // ten test images of each class
      }
    expect(comparison).toMatchObject({ images: 10, validation: 80, test: 100, randomDraws: 2 });
    expect(comparison.neighbours.map(({ accuracy }) => accuracy.nets)).toEqual([3, 1]);
    expect(comparison.notes).toEqual(['k-means: with one image per class its centres are the class means']);
  });

  test('several images per class, another architecture, minibatches of random images, an attack', async () => {
    const order = { order: 'random', images: 23, innerBatch: 5 } as const;
    const other = await distill({ ...small, ...order, steps: 2 }).result;
    const conv = { models: 'logreg,conv', filters: 2, hidden: 8, kernel: 3 };
    const quick = { dataDir, evalNets: 1, validationNets: 1, randomDraws: 1 };
    const { tables } = await compare(other.set, { ...conv, ...quick, protocol: 'schedule' });
    expect(tables.map(({ architecture }) => architecture)).toEqual(['logreg', 'conv']);
    for (const { rows } of tables) expect(rows.map(({ name }) => name)).toContain('k-means');
    const attack = await distill({ ...small, attackFrom: '3', attackTo: '5', steps: 2 }).result;
    const judged = await compare(attack.set, { dataDir, evalNets: 3 });
    expect(judged.tables[0]!.attack).toEqual(attack.summary.attack);
  });

  test('refuses what it can not do', async () => {
    await expect(compare(set, { dataDir, validation: 0 })).rejects.toThrow('validation: expected held-out');
    await expect(compare(set, { dataDir, randomDraws: 0 })).rejects.toThrow('randomDraws: expected a whole');
    await expect(compare(set, { dataDir, protocol: 'shedule' as never })).rejects.toThrow(
      'did you mean schedule?',
    );
    await expect(compare(set)).rejects.toThrow('images of 8×8×1');
    const signal = AbortSignal.abort(new Error('not now'));
    await expect(compare(set, { dataDir }, { signal })).rejects.toThrow('not now');
  });
});

describe('the command', () => {
  test('prints the gain, the table and the last word; --out writes what --json prints', async () => {
    const out = join(place, 'comparison.json');
    const { status, stdout, stderr } = await run([...args, '--random-draws', '2', '--out', out]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^10 distilled images of mnist\n {2}[+−]\d+\.\d points against random real images {3}logreg, schedule\n/,
    );
    expect(stdout).toMatch(/\n {2}random real images +\d+\.\d ± \d+\.\d % +\d+\.\d ± \d+\.\d %\n/);
    expect(stdout).toMatch(
      /chosen on 80 held-out training images; the 100 test images were read once, at the end\.\n$/,
    );
    const json = await run([...args, '--random-draws', '2', '--json']);
    expect([json.status, json.stderr]).toEqual([0, '']);
    expect(jsonLines(json.stdout)).toEqual([readJson(out)]);
  });

  test('takes the directory of a run, one protocol, the set alone', async () => {
    const alone = ['--protocol', 'schedule', '--no-baselines', '--json'];
    const { status, stdout, stderr } = await run(['evaluate', place, ...args.slice(2), ...alone]);
    expect([status, stderr]).toEqual([0, '']);
    const [{ tables, neighbours }] = jsonLines(stdout) as [Comparison];
    expect(tables.map(({ protocol, rows }) => [protocol, rows.length])).toEqual([['schedule', 1]]);
    expect(neighbours).toEqual([]);
  });

  test.each([
    [['--protocol', 'convergd'], 'did you mean converged?'],
    [['--random-draws', '0'], '--random-draws: expected a whole number'],
    [['--eval-nets', '0'], '--eval-nets: expected a value of at least 1'],
    [['--validation', '0'], 'expected held-out training images'],
    [['--out', 'package.json/below/a/file.json'], 'package.json/below/a/file.json'], // known before the work
  ])('%j is refused in one line', async (more, says) => {
    const { status, stdout, stderr } = await run([...args, ...more]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^distill-cluster: .*\n$/);
    expect(stderr).toContain(says);
  });
});
