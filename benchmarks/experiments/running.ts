/** @file One run of an experiment, and the pictures it leaves. */
import { mkdir, writeFile } from 'node:fs/promises';
import { DistillError, distill, type Options, type Summary } from 'distill-cluster';
import { type ChartPoint, imageSheet, lossChart } from '../../src/report/index.ts';

export interface Ran {
  readonly id: string;
  readonly points: readonly ChartPoint[];
  /** Undefined when the run failed; `failure` then says how. */
  readonly summary?: Summary;
  readonly failure?: string;
}

/** Where the page and its pictures are written. */
export const directory = new URL('./results/', import.meta.url);

/** Distils with `options` and writes ID.png and ID.svg. A run that ends in a non-finite loss is a result too. */
export async function run(id: string, title: string, options: Options): Promise<Ran> {
  process.stderr.write(`${id} …`);
  await mkdir(directory, { recursive: true });
  const points: ChartPoint[] = [];
  const began = performance.now();
  const running = distill(options);
  try {
    for await (const event of running) {
      if (event.type === 'step') points.push({ step: event.step, loss: event.loss, eta: event.eta });
      if (event.type === 'validation')
        points[points.length - 1] = { ...points.at(-1)!, accuracy: event.accuracy.mean };
    }
    const { set, summary } = await running.result;
    await writeFile(new URL(`${id}.png`, directory), imageSheet(set));
    process.stderr.write(` ${(summary.accuracy!.mean * 100).toFixed(1)} % in ${seconds(began)} s\n`);
    return { id, points, summary };
  } catch (error) {
    if (!(error instanceof DistillError) || error.code !== 'non-finite') throw error;
    process.stderr.write(` ${error.message}\n`);
    return { id, points, failure: error.message };
  } finally {
    await writeFile(new URL(`${id}.svg`, directory), await lossChart({ points, title }));
  }
}

const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);
