/** @file Small distillation problems, of each kind that the step treats differently. */
import { distillationStep, type Schedule } from '../../../src/shared/distillation/index.ts';
import type { Graph } from '../../../src/shared/graph/index.ts';
import { buildNet, type LayerSpec, models, type Net } from '../../../src/shared/models/index.ts';
import type { Range } from '../graph/values.ts';

const hidden: readonly LayerSpec[] = [
  { layer: 'flatten' },
  { layer: 'dense', units: 4 },
  { layer: 'tanh' },
  { layer: 'dense', units: 3 },
];
const sizes = { kernel: 3, filters: 2, hidden: 4 };

/** Nets on small images, in three classes. */
export const nets = {
  logreg: buildNet('logreg', models.logreg.layers(sizes, 3), [3, 2, 1]),
  hidden: buildNet('hidden', hidden, [3, 2, 2]),
  conv: buildNet('conv', models.conv.layers(sizes, 3), [7, 6, 2]),
} as const;

/** Ranges of a step's inputs: weights, images, labels, eta, x, y. */
export const stepRanges: readonly Range[] = [
  [-0.7, 0.7],
  [-1, 1],
  [0, 1],
  [0.1, 0.5],
  [-1, 1],
  [0, 1],
];

export interface Problem {
  readonly net: Net;
  readonly schedule: Schedule;
  readonly temperature: number;
}

const problem = (
  net: Net,
  images: number,
  innerSteps: number,
  etaPerStep: boolean,
  temperature = 1,
): Problem => ({
  net,
  schedule: { images, innerSteps, etaPerStep },
  temperature,
});

/** One step and several, one η̃ and one per step, temperatures, with and without span coordinates. */
export const problems: Readonly<Record<string, Problem>> = {
  'logreg, N = 1': problem(nets.logreg, 3, 1, false),
  'logreg, N = 2, one η̃, T = 5': problem(nets.logreg, 3, 2, false, 5),
  'logreg, N = 5, an η̃ per step, T = 20': problem(nets.logreg, 4, 5, true, 20),
  'logreg, as many images as pixels': problem(nets.logreg, 6, 3, true),
  'logreg, one image': problem(nets.logreg, 1, 3, false),
  'a hidden layer, N = 3, an η̃ per step': problem(nets.hidden, 3, 3, true, 2),
  'conv, N = 1, an η̃ per step': problem(nets.conv, 3, 1, true),
  'conv, N = 3, one η̃, T = 3': problem(nets.conv, 3, 3, false, 3),
  'conv, N = 2, an η̃ per step': problem(nets.conv, 2, 2, true),
};

export const stepOf = ({ net, schedule, temperature }: Problem, batch = 4): Graph =>
  distillationStep(net, schedule, batch, temperature);
