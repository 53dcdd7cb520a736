import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Origin, openCheckpoints, originOf, stepsIn, writeTo } from '../../src/checkpoints/index.ts';
import { changesBetween, type Options, planOf } from '../../src/shared/config/index.ts';
import { scratch } from '../fixtures/runs.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { checkpointAt, maker } from './samples.ts';

const place = scratch();
let directories = 0;

/** Opens the checkpoints of a run of 9 steps, 4 of them done, as one with other options, or another origin. */
async function opened(options: Options = {}, change: Partial<Origin> = {}, resume: boolean | 'auto' = true) {
  const directory = join(place, String(directories++));
  const { mkdir } = await import('node:fs/promises');
  await mkdir(directory);
  await writeTo(directory, checkpointAt(4));
  const job = smallJob({ steps: 9, ...options });
  const plan = planOf(job);
  const told: string[] = [];
  const notice = (message: string): void => void told.push(message);
  const origin = { ...originOf(job, plan, maker), ...change };
  const kept = await openCheckpoints(origin, plan, { directory, resume, notice });
  await kept.close();
  return { from: kept.from, told, directory };
}

describe('a run goes on under changes that leave its past as it was', () => {
  test.each<[string, Options]>([
    ['none', {}],
    ['other workers', { workers: 7 }],
    ['another transport', { transport: 'threads' }],
    ['another interval', { checkpointEvery: 5 }],
    ['data elsewhere', { dataDir: '/elsewhere' }],
    ['more networks to test on', { evalNets: 99 }],
    ['ordinary training of another kind', { evalLr: 0.5, evalMomentum: 0 }],
    ['members that may be left out', { onNonfinite: 'skip' }],
  ])('%s', async (_, options) => {
    const { from, told } = await opened(options);
    expect(from).toEqual(checkpointAt(4).snapshot);
    expect(told).toEqual([]);
  });

  test('more steps, fewer steps: what is done followed the old cosine', async () => {
    expect((await opened({ steps: 20 })).told).toEqual([
      'steps: 9 → 20: the 4 steps done followed the cosine of 9 steps',
    ]);
    expect((await opened({ steps: 4 })).from!.state.step).toBe(4);
  });

  test('another program, another machine: it is told that bytes may differ', async () => {
    const cpu = { ...maker.machine, kind: 'linux-x64-sse' };
    const { told } = await opened(
      {},
      { made: { versions: { ...maker.versions, onnxruntime: '2' }, machine: cpu } },
    );
    expect(told).toEqual([
      'computed so far by another program or machine: onnxruntime none → 2, a CPU of the kind linux-x64-avx2 → linux-x64-sse; bytes may differ',
    ]);
  });

  test('another number of cores, another model of the same kind of CPU: no other machine', async () => {
    const more = { ...maker, machine: { ...maker.machine, cpu: 'other', cores: 64 } };
    expect((await opened({}, { made: more })).told).toEqual([]);
  });
});

describe('and is refused, in one line with every change, under others', () => {
  const other = (list: string): string =>
    `expected the options that the run was begun with, found ${list}; leave them as they were, or begin a new run in another directory`;
  test.each<[string, Options, string]>([
    ['one', { lr: 0.5 }, other('lr: 0.01 → 0.5')],
    [
      'several, a harmless one among them',
      { seed: 2, workers: 3, engine: 'onnx' },
      other('seed: 1 → 2, workers: none → 3, engine: reference → onnx'),
    ],
    ['how often is validated', { validateEvery: 2 }, other('validateEvery: none → 2')],
    [
      'fewer steps than are done',
      { steps: 3 },
      'expected at least 4 steps, which are done, found 3; give more --steps',
    ],
  ])('%s', async (_, options, message) => {
    await expect(opened(options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });

  test('skipping given up', () => {
    const [skip, stop] = (['skip', 'stop'] as const).map(onNonfinite => smallJob({ onNonfinite }).config);
    expect(changesBetween(skip!, stop!)).toHaveLength(1);
  });

  test.each<[string, Partial<Origin>, string, string]>([
    [
      'data',
      { data: { name: 'stripes', sha256: '1'.repeat(64) } },
      'bad-data',
      `sha256 ${'0'.repeat(64)}, found ${'1'.repeat(64)}`,
    ],
    ['layers', { layers: { logreg: [{ layer: 'tanh' }] } }, 'usage', 'the layers of logreg as they were'],
    ['networks', { networks: '1'.repeat(64) }, 'usage', 'the networks that the run was begun with'],
  ])('other %s', async (_, change, code, message) => {
    await expect(opened({}, change)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe('what becomes of checkpoints that are there', () => {
  const open = async (resume: boolean | 'auto' | undefined, steps: readonly number[]) => {
    const directory = join(place, String(directories++));
    const { mkdir } = await import('node:fs/promises');
    await mkdir(directory);
    for (const step of steps) await writeTo(directory, checkpointAt(step));
    const { origin } = checkpointAt(1);
    const plan = planOf(smallJob({ steps: 9 }));
    const kept = await openCheckpoints(origin, plan, { directory, resume, notice: () => undefined });
    const left = await stepsIn(directory);
    await kept.close();
    return { from: kept.from?.state.step, left };
  };

  test.each([
    [true, 2, [2, 1]],
    ['auto', 2, [2, 1]],
    [false, undefined, []],
  ] as const)('resume %s', async (resume, from, left) => {
    expect(await open(resume, [1, 2])).toEqual({ from, left });
  });

  test('without a word they are left alone, and the run is refused', async () => {
    await expect(open(undefined, [1])).rejects.toMatchObject({ code: 'output' });
    expect(await open(undefined, [])).toEqual({ from: undefined, left: [] });
  });

  test('where there are none', async () => {
    await expect(open(true, [])).rejects.toMatchObject({ code: 'bad-file' });
    expect(await open('auto', [])).toEqual({ from: undefined, left: [] });
  });
});
