/** @file What one gradient costs: milliseconds of the compiled step by model, engine and sizes, and of building it; and the roofline: the arithmetic in it, and what share of
 *  the machine's peak is reached (peak.ts). One core. Run alone on a quiet machine: npm run bench:gradient */
import { optimise } from '../src/shared/graph/index.ts';
import type { ModelName } from '../src/shared/models/index.ts';
import type { Engine } from '../src/worker/engines/engine.ts';
import { productFlop } from './arithmetic.ts';
import { enginesToCompare, engineVersions, isSlow } from './engines.ts';
import { quick } from './options.ts';
import { matrixPeak, type Peak } from './peak.ts';
import { runnable, type StepSizes, stepOf, usualSizes } from './step.ts';
import { median, present, type Row, spread, timesOf } from './table.ts';

interface Case extends Partial<StepSizes> {
  readonly model: ModelName;
}

/** Sizes that are not named are the usual ones. */
const all: readonly Case[] = [
  { model: 'logreg' },
  { model: 'logreg', innerSteps: 200 },
  { model: 'logreg', images: 100 },
  { model: 'conv' },
  { model: 'conv', innerSteps: 200 },
  { model: 'conv', images: 100 },
  { model: 'conv', batch: 1024 },
  { model: 'mlp' },
  { model: 'lenet' },
  { model: 'convnet' },
];
const cases = quick ? all.slice(0, 1) : all;
/** Of a row at most, so that slow engines end too. */
const repeats = quick ? { runs: 3, warmUp: 1 } : { runs: 1000, warmUp: 5, seconds: 3 };

async function measured({ model, ...given }: Case, engine: Engine, peak: Peak): Promise<Row> {
  const sizes = { ...usualSizes, ...given };
  const began = performance.now();
  const step = stepOf(model, sizes);
  const run = await runnable(step, engine);
  const build = performance.now() - began;
  const times = await timesOf(run, repeats);
  const flop = productFlop(optimise(step.graph));
  const gigaflopPerSecond = flop / 1e6 / median(times);
  return {
    model,
    engine: engine.name,
    N: `${sizes.innerSteps}`,
    M: `${sizes.images}`,
    batch: `${sizes.batch}`,
    ...spread(times),
    runs: `${times.length}`,
    'ms build': build,
    MFLOP: flop / 1e6,
    'GFLOP/s': gigaflopPerSecond,
    '% of peak': (100 * gigaflopPerSecond) / peak.gigaflopPerSecond,
  };
}

const engines = await enginesToCompare({ slow: true });
const peaks = new Map<Engine, Peak>();
for (const engine of engines) peaks.set(engine, await matrixPeak(engine));
const rows: Row[] = [];
for (const one of cases)
  for (const engine of engines) {
    if (isSlow(engine) && Object.keys(one).length > 1) continue; // minutes of one row
    rows.push(await measured(one, engine, peaks.get(engine)!));
    process.stderr.write('.');
  }
process.stderr.write('\n');

const versions = engineVersions(engines);
await present('gradient', rows, {
  title: 'One gradient',
  answers:
    'What does one gradient cost on one core, by model, engine, inner steps N, distilled images M and batch? MFLOP are those of the matrix products of the optimised graph, multiplications by structural zeros among them, which native leaves out; the peak is the next table’s. A convnet of width 32.',
  versions,
});
await present(
  'peak',
  [...peaks.values()].map(({ engine, size, gigaflopPerSecond }) => ({
    engine,
    matrices: `${size}×${size}`,
    'GFLOP/s': gigaflopPerSecond,
  })),
  {
    title: 'Matrix peak',
    answers: 'What does each engine reach at best on one thread, in one large matrix product?',
    versions,
  },
);
