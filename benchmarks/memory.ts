/** @file What a run needs: peak memory of the whole process by engine, model, worker threads, N and M; and how long it takes to build a step. Every figure is of fresh processes
 *  (children/): what was once taken stays taken. On a quiet Linux machine, after a build: npm run bench:memory */
import { answersOf } from './built.ts';
import { enginesToCompare, engineVersions } from './engines.ts';
import { quick } from './options.ts';
import { type Bar, median, present, type Row, spread } from './table.ts';

interface Needs {
  /** Of the process, in MB. */
  readonly peakMB: number;
  /** Of one network. */
  readonly weightBytes: number;
}

interface Parts {
  /** Milliseconds: the graph is derived, then compiled. */
  readonly derived: number;
  readonly compiled: number;
}

const models = quick ? ['logreg'] : ['logreg', 'conv'];
const workersAtMost = quick ? 2 : 4;
const runs = quick ? 1 : 3;
/** A worker needs most from its second gradient on: engines plan memory after the first. */
const steps = quick ? 1 : 3;
const usual = { innerSteps: 10, imagesPerClass: 1 };
const many = { innerSteps: 200, imagesPerClass: 10 };

/** The bars: MB that a thread may cost, the growth that 20 times the inner steps may cause beside their weights, seconds to build. */
const [workerMB, growth, buildMs] = [80, 1.3, 2000];

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const rows: Row[] = [];
const bars: Bar[] = [];

/** Adds a row. @returns the median peak in MB, and MB of one network's weights */
async function measure(
  engine: string,
  model: string,
  workers: number,
  sizes = usual,
): Promise<[number, number]> {
  const options = { engine, models: `${model}:${workersAtMost}`, workers, steps, ...sizes };
  const needs = await answersOf<Needs>('steps', options, runs);
  const peaks = sorted(needs.map(({ peakMB }) => peakMB));
  rows.push({
    engine,
    model,
    workers: `${workers}`,
    N: `${sizes.innerSteps}`,
    M: `${10 * sizes.imagesPerClass}`,
    ...spread(peaks, 'MB'),
    runs: `${runs}`,
  });
  process.stderr.write('.');
  return [median(peaks), needs[0]!.weightBytes / 1e6];
}

async function needsOf(engine: string, model: string): Promise<void> {
  const [one, weightsMB] = await measure(engine, model, 1);
  let last = one;
  for (let workers = 2; workers <= workersAtMost; workers *= 2)
    [last] = await measure(engine, model, workers);
  const [manySteps] = await measure(engine, model, 1, { ...usual, innerSteps: many.innerSteps });
  if (!quick) await measure(engine, model, 1, { ...usual, imagesPerClass: many.imagesPerClass });
  bars.push(
    {
      what: `${engine}, ${model}: one more worker thread, mean of ${workersAtMost - 1}`,
      measured: (last - one) / (workersAtMost - 1),
      atMost: workerMB,
      unit: 'MB',
    },
    {
      what: `${engine}, ${model}: N = ${many.innerSteps}, against ${growth} times the ${one.toFixed(0)} MB of N = ${usual.innerSteps} and ${many.innerSteps} networks’ weights`,
      measured: manySteps,
      atMost: growth * one + many.innerSteps * weightsMB,
      unit: 'MB',
    },
  );
}

/** Milliseconds from nothing to a step that runs, in a fresh process. */
async function building(engine: string, model: string, innerSteps: number): Promise<Row> {
  const parts = await answersOf<Parts>('firstGradient', { engine, models: model, innerSteps }, quick ? 1 : 3);
  const ms = sorted(parts.map(({ derived, compiled }) => derived + compiled));
  process.stderr.write('.');
  return { engine, model, N: `${innerSteps}`, ...spread(ms), runs: `${ms.length}` };
}

const engines = await enginesToCompare();
const builds: Row[] = [];
for (const { name } of engines)
  for (const model of models) {
    await needsOf(name, model);
    for (const { innerSteps } of [usual, many]) builds.push(await building(name, model, innerSteps));
  }
process.stderr.write('\n');

const versions = engineVersions(engines);
await present('memory', rows, {
  title: 'Memory',
  answers: `What does a run need? Peak resident memory of the whole process after ${steps} outer steps on MNIST (55 MB of shared pixels among it) with ${workersAtMost} members on worker threads.`,
  bars,
  versions,
});
await present('building', builds, {
  title: 'Building a step',
  answers: 'How long does it take to derive and compile a step, in a fresh process?',
  bars: engines.map(({ name }) => ({
    what: `${name}: the slowest`,
    measured: Math.max(...builds.flatMap(row => (row.engine === name ? [Number(row['ms median'])] : []))),
    atMost: buildMs,
    unit: 'ms',
  })),
  versions,
});
