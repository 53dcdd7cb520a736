import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent, RunStart } from '../../src/coordinator/events.ts';
import { RunDirectory } from '../../src/report/runDirectory.ts';
import { scratch, tree } from '../fixtures/runs.ts';

const place = scratch();
const begin = { type: 'start', config: {}, data: {}, versions: {}, machine: {} } as RunStart;
const step = (number: number): RunEvent => ({
  type: 'step',
  step: number,
  loss: 1,
  eta: [1],
  norms: { images: 1, labels: 1, eta: 1 },
  ms: 1,
});
const lines = (path: string): number =>
  readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('\n').length - 1;

test('a step counts as recorded when its line is in the file, not before', async () => {
  const path = join(place, 'recorded');
  const directory = await RunDirectory.open(path);
  const seen: number[] = [];
  const recorded = directory.recorded(2).then(() => seen.push(lines(path)));
  await directory.take(begin);
  await directory.take(step(1));
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(seen).toEqual([]);
  await directory.take(step(2));
  await recorded;
  expect(seen).toEqual([2]);
  await directory.end();
});

test('nor ever when the run could not begin there: whoever waits is told', async () => {
  const path = join(place, 'failing');
  mkdirSync(join(path, 'metrics.jsonl'), { recursive: true }); // no file can be there
  const directory = await RunDirectory.open(path);
  const recorded = expect(directory.recorded(1)).rejects.toThrow('EISDIR');
  await expect(directory.take(begin)).rejects.toThrow('EISDIR');
  await recorded;
  await directory.end();
});

test('a run that begins where another ended has none of its result; one that goes on keeps what is there', async () => {
  const path = join(place, 'again');
  const sitting = async (event: RunStart, last: number): Promise<number> => {
    const directory = await RunDirectory.open(path);
    await directory.take(event);
    for (let number = (event.resumed?.step ?? 0) + 1; number <= last; number++)
      await directory.take(step(number));
    await directory.end();
    return lines(path);
  };
  expect(await sitting(begin, 5)).toBe(5);
  const config = readFileSync(join(path, 'config.json'), 'utf8');
  expect(await sitting({ ...begin, steps: 9, resumed: { step: 3, validations: [] } }, 7)).toBe(7);
  expect(readFileSync(join(path, 'config.json'), 'utf8')).toBe(config);
  writeFileSync(join(path, 'result.json'), '{}');
  expect(await sitting(begin, 2)).toBe(2);
  expect(existsSync(join(path, 'result.json'))).toBe(false);
});

test('a directory that no run began in is as it was before', async () => {
  const directory = await RunDirectory.open(join(place, 'some/where/new'));
  await directory.end();
  expect(tree(place)).not.toContain('some');
});

test('runs that begin in one second have a directory each', async () => {
  const asked = join(place, 'runs/2026-11-24T13-05-09');
  const opened = await Promise.all([1, 2, 3].map(() => RunDirectory.openNew(asked)));
  expect(opened.map(({ path }) => path).sort()).toEqual([asked, `${asked}-2`, `${asked}-3`]);
  await Promise.all(opened.map(directory => directory.end()));
  expect(opened.filter(({ path }) => existsSync(path))).toEqual([]);
});
