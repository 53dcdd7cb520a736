/** @file What a run came to, on a few lines. */
import type { AccuracyOver, Result } from '../index.ts';
import type { Config } from '../shared/config/index.ts';
import { percent, range, rate } from './progress.ts';

export function report(config: Config, { summary, set, interrupted }: Result, path: string): string {
  const { accuracy, before, attack } = summary;
  const images = set.labels.length / set.classNames.length;
  const steps = set.schedule.inner_steps;
  const how = `in ${steps} step${steps === 1 ? '' : 's'} on ${images} image${images === 1 ? '' : 's'}`;
  const judged = accuracy
    ? attack
      ? poisoned(config, attack, how)
      : [
          `test accuracy ${before ? `${shares(before)} → ` : ''}${shares(accuracy)} over ${accuracy.nets} ${before ? 'trained' : 'fresh'} networks ${how}${beside(config, images, steps)}`,
        ]
    : [`interrupted after ${summary.steps} steps: not tested`];
  return `${[
    ...judged,
    `distilled in ${summary.wallSeconds.toFixed(1)} s: ${summary.steps} steps, ${rate(summary.stepsPerSecond)} steps/s, loss ${summary.finalLoss.toPrecision(3)}, η̃ ${range([...set.eta])}`,
    `pictures ${path}/images.png   set ${path}/distilled.safetensors   curve ${path}/loss.svg${interrupted ? '   (as far as it got)' : ''}`,
  ].join('\n')}\n`;
}

const shares = ({ mean, std }: AccuracyOver): string => `${percent(mean)} ± ${percent(std)} %`;

/** An attack's figures before and after the inner steps, one measure a line. */
function poisoned(
  { attackFrom: from, attackTo: to }: Config,
  { before, after }: NonNullable<Result['summary']['attack']>,
  how: string,
): string[] {
  const line = (measure: string, key: keyof typeof before): string =>
    `  ${measure.padEnd(28)} ${shares(before[key]).padStart(14)}  →  ${shares(after[key]).padStart(14)}`;
  return [
    `test images, before → after ${how.slice(3)}, over ${after.taken.nets} networks that were not distilled with:`,
    line(`${from} taken for ${to}`, 'taken'),
    line(`${from} taken for ${from}`, 'from'),
    line('all other classes right', 'rest'),
  ];
}

/** The source's own figure for the same task, where it gives one (docs/method.md). */
function beside({ dataset, models, init }: Config, images: number, steps: number): string {
  if (dataset !== 'mnist' || images !== 10 || steps !== 10 || init.startsWith('pretrained')) return '';
  if (/^logreg(:\d+)?$/.test(models)) return ' (Markov 2020: 88.5 % at best)';
  return /^conv(:\d+)?$/.test(models) ? ' (Markov 2020: 86 ± 1.6 %)' : '';
}
