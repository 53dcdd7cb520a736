/** @file What more workers bring: outer steps per second, coordinator included, with 1 to 8 worker threads; and what the coordinator alone carries, with null workers that
 *  answer at once. `conv` with the usual options. On a quiet machine, after a build: npm run bench:scaling */
import { availableParallelism } from 'node:os';
import type { Transport } from '../src/coordinator/transport.ts';
import type { Job, Plan } from '../src/shared/config/index.ts';
import type { Engine } from '../src/worker/engines/engine.ts';
import { answerOf, built } from './built.ts';
import { enginesToCompare, engineVersions } from './engines.ts';
import { quick } from './options.ts';
import { type Bar, median, present, type Row, spread, timesOf } from './table.ts';
import { nullJob } from './transports/job.ts';
import { transports } from './transports/open.ts';

const { planOf, resolveConfig } =
  await built<typeof import('../src/shared/config/index.ts')>('shared/config/index.js');
const { loadJob } = await built<typeof import('../src/shared/job/index.ts')>('shared/job/index.js');
const { openTransport } = await built<typeof import('../src/transport.ts')>('transport.js');
const { trajectory } =
  await built<typeof import('../src/coordinator/trajectory.ts')>('coordinator/trajectory.js');

const workerCounts = quick ? [1, 2] : [1, 2, 4, 8];
const members = 8;
const repeats = quick ? { runs: 3, warmUp: 0 } : { runs: 60, warmUp: 3, seconds: 2 };
/** Members for so many workers: as many, then always the same. */
const series: readonly ((workers: number) => number)[] = [
  workers => workers,
  ...(quick ? [] : [() => members]),
];
/** How long processes that know nothing of each other are timed, and how long one may take until it is ready, in seconds. */
const apart = { seconds: quick ? 1 : 5, ready: 8 };
/** What the coordinator alone must carry. */
const nullMembers = 64;
const leastGradientsPerSecond = 2000;

/** Milliseconds of outer steps over `transport`, sorted. Closes it. */
async function stepTimes(job: Job, plan: Plan, transport: Transport, runs = repeats): Promise<number[]> {
  const walk = trajectory(job, plan, transport);
  try {
    return await timesOf(() => walk.next(), runs);
  } finally {
    await transport.close();
  }
}

/** Of `count` members on `workers` threads. */
async function timesWith(engine: Engine, count: number, workers: number): Promise<number[]> {
  const job = await loadJob(resolveConfig({ models: `conv:${count}`, engine: engine.name, workers }));
  const plan = planOf(job);
  return stepTimes(job, plan, await openTransport({ job, plan, workers }));
}

/** One engine's rows. */
async function rowsOf(engine: Engine): Promise<Row[]> {
  const rows: Row[] = [];
  for (const countOf of series) {
    let alone: number | undefined;
    for (const workers of workerCounts) {
      const count = countOf(workers);
      const times = await timesWith(engine, count, workers);
      const gradientsPerSecond = (1000 * count) / median(times);
      alone ??= gradientsPerSecond;
      rows.push({
        engine: engine.name,
        members: `${count}`,
        workers: `${workers}`,
        ...spread(times),
        'steps/s': 1000 / median(times),
        'gradients/s': gradientsPerSecond,
        'speed-up': gradientsPerSecond / alone,
        runs: `${times.length}`,
      });
      process.stderr.write('.');
    }
  }
  return rows;
}

/** Gradients a second of `count` processes at once that share nothing but the machine. */
async function apartPerSecond(engine: Engine, count: number): Promise<number> {
  const question = { engine: engine.name, from: Date.now() + 1000 * apart.ready, seconds: apart.seconds };
  const answers = await Promise.all(
    Array.from({ length: count }, () => answerOf<{ perSecond: number }>('gradients', question)),
  );
  return answers.reduce((sum, { perSecond }) => sum + perSecond, 0);
}

const engines = await enginesToCompare();
const machineRows: Row[] = [];
for (const engine of engines) {
  const [one, two] = [await apartPerSecond(engine, 1), await apartPerSecond(engine, 2)];
  machineRows.push({ engine: engine.name, 'gradients/s of one': one, 'of two': two, 'speed-up': two / one });
}
await present('scaling-machine', machineRows, {
  title: 'What the machine gives',
  answers:
    'What do two processes reach that share nothing but the machine, each computing gradients of conv, beside one? No coordinator and no message: more than this no two workers can bring here.',
  versions: engineVersions(engines),
});
const rows: Row[] = [];
for (const engine of engines) rows.push(...(await rowsOf(engine)));
process.stderr.write('\n');
await present('scaling', rows, {
  title: 'Scaling',
  answers: `What do more workers bring? Outer steps of conv with the usual options, coordinator included, on ${availableParallelism()} available cores; speed-up in gradients per second over one worker.`,
  versions: engineVersions(engines),
  bars: rows
    .filter(row => row.members === '8' && row.workers === '2')
    .map(row => ({
      what: `${row.engine}: two workers beside one, 8 members`,
      measured: Number(row['speed-up']),
      atLeast: 1.9,
      unit: '',
    })),
});

const prepared = nullJob('31 kB', nullMembers);
const { transport } = await transports.threads!(prepared, 2);
const times = await stepTimes(prepared.job, prepared.plan, transport, {
  ...repeats,
  runs: quick ? 3 : 2000,
});
const perSecond = (1000 * nullMembers) / median(times);
const bar: Bar = {
  what: 'gradients of 31 kB that the coordinator takes',
  measured: perSecond,
  atLeast: leastGradientsPerSecond,
  unit: 'per second',
};
await present(
  'null-workers',
  rows
    .filter(row => row.members === '1')
    .map(row => ({
      engine: row.engine!,
      ...spread(times),
      'gradients/s': perSecond,
      'ms per gradient of conv': row['ms median']!,
      [`% serial at ${nullMembers} workers`]:
        (100 * median(times)) / (median(times) + Number(row['ms median'])),
    })),
  {
    title: 'The coordinator alone',
    answers: `What does the coordinator carry? Outer steps of ${nullMembers} members whose gradients of 31 kB cost nothing, on two null worker threads; and its share of a step with ${nullMembers} workers that take as long as conv does: the rest of such a step is one gradient.`,
    bars: [bar],
  },
);
