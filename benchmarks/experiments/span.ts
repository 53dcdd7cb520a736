/** @file M ≥ D, measured: distils 8×8 MNIST for a linear model with squared loss and one inner step, for several M, and sets the excess over the optimum beside
 *  the least that M images can reach. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as plot from '@observablehq/plot';
import { distill, type Options } from 'distill-cluster';
import { parseHTML } from 'linkedom';
import { gatherer } from '../../src/shared/data/batches.ts';
import { loadDataSet } from '../../src/shared/data/index.ts';
import { trainingSteps } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import { buildNet } from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import {
  constructed,
  excess,
  type LinearProblem,
  leastExcess,
  linearProblem,
  linearSet,
} from './linearProblem.ts';
import { directory } from './running.ts';

/** One number of images. */
export interface SpanRow {
  readonly images: number;
  readonly distilled: number;
  readonly least: number;
}

export interface SpanResult {
  readonly rows: readonly SpanRow[];
  /** Greatest |w_1 − w*| of the set made on paper (M = D) over random w_0, relative to the greatest |w*|. */
  readonly exact: number;
  /** Loss excess of w_0 itself, before any step. */
  readonly untrained: number;
}

const [side, sigma, classes] = [8, 0.2, 10];
const d = side ** 2;
const linear = fileURLToPath(new URL('./linear.json', import.meta.url));
const counts = [10, 20, 30, 40, 50, 60, 64, 80];

const options: Options = {
  imageSize: `${side}`,
  models: `${linear}:4`,
  init: 'normal',
  sigma,
  loss: 'squared',
  innerSteps: 1,
  etaPerStep: false,
  eta: 1,
  etaMax: 100,
  imageSigma: 1,
  steps: 3000,
  validation: 0,
  evalNets: 1,
  lrEta: 1e-3,
};

export async function spanExperiment(): Promise<SpanResult> {
  const problem = await problemOf();
  const rows: SpanRow[] = [];
  for (const images of counts) {
    process.stderr.write(`M = ${images} of D = ${d} …`);
    const { set } = await distill({ ...options, images }).result;
    const row = {
      images,
      distilled: excess(problem, linearSet(set), sigma),
      least: leastExcess(problem, images, sigma),
    };
    process.stderr.write(` excess ${row.distilled.toPrecision(3)}, at least ${row.least.toPrecision(3)}\n`);
    rows.push(row);
  }
  const untrained = leastExcess(problem, 0, sigma);
  await writeFile(new URL('span.svg', directory), chart(rows, untrained));
  return { rows, untrained, exact: exactness(problem) };
}

async function problemOf(): Promise<LinearProblem> {
  const { train, normalisation } = await loadDataSet({ name: 'mnist', imageSize: `${side}` });
  const all = Uint32Array.from({ length: train.count }, (_, i) => i);
  const x = gatherer(train, normalisation)(all, new Float32Array(train.count * d));
  return linearProblem(x, d, train.labels, classes);
}

/** The set made on paper, run as the program runs it, in float64, from w_0 of very different sizes. */
function exactness(problem: LinearProblem): number {
  const set = constructed(problem, 0.5);
  const layers = [{ layer: 'flatten' }, { layer: 'dense', units: classes, bias: false }] as const;
  const net = buildNet('linear', layers, [side, side, 1]);
  const schedule = {
    images: d,
    innerSteps: 1,
    eta: 'one',
    decay: false,
    order: { kind: 'all' },
    loss: 'squared',
  } as const;
  const graph = trainingSteps(net, schedule);
  const optimum = problem.optimum.to1DArray();
  const largest = Math.max(...optimum.map(Math.abs));
  const off = [0.01, 1, 100].map((size, member) => {
    const random = stream(1, 'weights', 0, member);
    const w0 = Float64Array.from({ length: net.weightCount }, () => size * random.normal());
    const given = [set.images.to1DArray(), set.labels.to1DArray(), [set.eta]].map(values =>
      Float64Array.from(values),
    );
    const [w1] = evaluate(graph, [w0, ...given]);
    return Math.max(...optimum.map((w, i) => Math.abs(w1![i]! - w)));
  });
  return Math.max(...off) / largest;
}

function chart(rows: readonly SpanRow[], untrained: number): string {
  const { document } = parseHTML('<html></html>');
  const floor = untrained * 1e-6;
  const svg = plot.plot({
    document,
    className: 'chart',
    width: 640,
    height: 360,
    marginLeft: 60,
    style: { background: 'white' },
    x: { label: 'M, distilled images (D = 64 inputs)', labelAnchor: 'center', labelArrow: 'none' },
    y: {
      type: 'log',
      label: 'loss after one step, above the optimum',
      labelArrow: 'none',
      grid: true,
      domain: [floor, untrained * 2],
    },
    marks: [
      plot.ruleX([d], { stroke: '#999', strokeDasharray: '4 3' }),
      plot.line(rows, { x: 'images', y: r => Math.max(r.least, floor), stroke: '#888' }),
      plot.line(rows, {
        x: 'images',
        y: r => Math.max(r.distilled, floor),
        stroke: '#1f5fa8',
        strokeWidth: 2,
      }),
      plot.dot(rows, { x: 'images', y: r => Math.max(r.distilled, floor), fill: '#1f5fa8', r: 3.5 }),
      plot.text([rows[2]!], {
        x: 'images',
        y: 'distilled',
        text: () => 'distilled',
        dy: -14,
        fill: '#1f5fa8',
      }),
      plot.text([rows[2]!], { x: 'images', y: 'least', text: () => 'least possible', dy: 16, fill: '#666' }),
    ],
  }) as unknown as Element; // plot's type is the DOM's; linkedom gives a subset of it that has setAttribute and outerHTML
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
