/** @file How the cost of one gradient grows: against inner steps N, distilled images M, batch and pixels, each four times the one before while the others keep their usual
 *  values. Exponent e: four times the size takes 4^e times as long, by the least times: what else the machine does is not what grows. On a quiet machine:
 *  npm run bench:growth */
import type { ModelName } from '../src/shared/models/index.ts';
import type { Engine } from '../src/worker/engines/engine.ts';
import { enginesToCompare, engineVersions } from './engines.ts';
import { quick } from './options.ts';
import { runnable, type StepSizes, stepOf, usualSizes } from './step.ts';
import { type Bar, present, type Row, spread, timesOf } from './table.ts';

const models: readonly ModelName[] = quick ? ['logreg'] : ['logreg', 'conv'];
/** The sizes of an axis take turns, so that what else the machine does hits all of them. */
const rounds = quick ? 1 : 3;
/** In a round. */
const repeats = quick ? { runs: 3, warmUp: 1 } : { runs: 150, warmUp: 1, seconds: 0.5 };

/** What grows, by its name in tables: its sizes, and whether it has the bar. Images grow in pixels: half the side is a fourth of them. */
const axes: readonly {
  readonly name: string;
  readonly size: keyof StepSizes;
  readonly values: readonly number[];
  readonly barred: boolean;
}[] = [
  { name: 'N', size: 'innerSteps', values: [10, 40, 160], barred: true },
  { name: 'M', size: 'images', values: [10, 40, 160], barred: true },
  { name: 'batch', size: 'batch', values: [64, 256, 1024], barred: true },
  { name: 'pixels', size: 'side', values: [14, 28, 56], barred: false },
];
/** The largest exponent of the last step, where fixed costs count least. */
const largestExponent = 1.05;

const bars: Bar[] = [];

/** One row per value, each with the exponent since the one before. */
async function rowsOf(engine: Engine, model: ModelName, axis: (typeof axes)[number]): Promise<Row[]> {
  const measured: { value: number; run: () => Promise<unknown>; times: number[] }[] = [];
  for (const value of axis.values) {
    const run = await runnable(stepOf(model, { ...usualSizes, [axis.size]: value }), engine);
    measured.push({ value, run, times: [] });
  }
  for (let round = 0; round < rounds; round++)
    for (const { run, times } of measured) times.push(...(await timesOf(run, repeats)));
  const rows: Row[] = [];
  let before: number | undefined;
  let exponent = Number.NaN;
  for (const { value, times } of measured) {
    times.sort((a, b) => a - b);
    const [least] = times as [number];
    exponent = before === undefined ? Number.NaN : Math.log(least / before) / Math.log(4);
    before = least;
    rows.push({
      model,
      engine: engine.name,
      grows: axis.name,
      value: axis.size === 'side' ? `${value}×${value}` : `${value}`,
      ...spread(times),
      runs: `${times.length}`,
      exponent: Number.isNaN(exponent) ? '' : exponent,
    });
  }
  process.stderr.write('.');
  if (axis.barred)
    bars.push({
      what: `${engine.name}, ${model}: last exponent in ${axis.name}`,
      measured: exponent,
      atMost: largestExponent,
      unit: '',
    });
  return rows;
}

const engines = await enginesToCompare();
const rows: Row[] = [];
for (const model of models)
  for (const engine of engines) for (const axis of axes) rows.push(...(await rowsOf(engine, model, axis)));
process.stderr.write('\n');
await present('growth', rows, {
  title: 'Growth',
  answers:
    'How does the cost of one gradient on one core grow with its sizes? Exponents are those of the least times, 1 is proportional; the usual sizes are N = 10, M = 10, batch 256, 28×28 pixels.',
  bars,
  versions: engineVersions(engines),
});
