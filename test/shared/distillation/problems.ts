/** @file Small distillation problems, of each kind that the step treats differently. */
import { distillationStep, type Schedule, type StepInput } from '../../../src/shared/distillation/index.ts';
import type { Graph } from '../../../src/shared/graph/index.ts';
import { buildNet, type LayerSpec, models, type Net } from '../../../src/shared/models/index.ts';
import { drawInputs, type Range } from '../graph/values.ts';

const hidden: readonly LayerSpec[] = [
  { layer: 'flatten' },
  { layer: 'dense', units: 4 },
  { layer: 'tanh' },
  { layer: 'dense', units: 3 },
];
const sizes = { kernel: 3, filters: 2, hidden: 4, depth: 2, width: 3 };

/** The layers that no model of ours has, one behind the other. */
const others: readonly LayerSpec[] = [
  { layer: 'conv', filters: 4, kernel: [3, 2], stride: [1, 2], padding: 'same' },
  { layer: 'groupNorm', groups: 2 },
  { layer: 'elu' },
  { layer: 'maxPool', size: 3, stride: 2, padding: 'same' },
  { layer: 'layerNorm', scale: false },
  { layer: 'softplus' },
  { layer: 'averagePool', size: 2, stride: 1, padding: 'same' },
  { layer: 'flatten' },
  { layer: 'dense', units: 8, bias: false },
  { layer: 'layerNorm', center: false },
  { layer: 'softmax' },
  { layer: 'reshape', shape: [2, 2, 2] },
  { layer: 'sigmoid' },
  { layer: 'conv', filters: 3, kernel: 2, padding: 'same', bias: false },
  { layer: 'leakyRelu' },
  { layer: 'globalAveragePool' },
];

/** Nets on small images, in three classes. */
export const nets = {
  logreg: buildNet('logreg', models.logreg.layers(sizes, 3), [3, 2, 1]),
  hidden: buildNet('hidden', hidden, [3, 2, 2]),
  conv: buildNet('conv', models.conv.layers(sizes, 3), [7, 6, 2]),
  mlp: buildNet('mlp', models.mlp.layers(sizes, 3), [3, 2, 2]),
  lenet: buildNet('lenet', models.lenet.layers(sizes, 3), [12, 12, 1]),
  convnet: buildNet('convnet', models.convnet.layers(sizes, 3), [7, 5, 2]),
  others: buildNet('others', others, [6, 5, 2]),
} as const;

/** Ranges of a step's inputs, by name. */
const ranges: Readonly<Record<StepInput, Range>> = {
  weights: [-0.7, 0.7],
  images: [-1, 1],
  labels: [0, 1],
  eta: [0.1, 0.5],
  decay: [0.05, 0.4],
  select: [0, 1],
  x: [-1, 1],
  y: [0, 1],
};

export const rangesOf = (graph: Graph, weights: Range = ranges.weights): Range[] =>
  graph.inputs.map(({ name }) => (name === 'weights' ? weights : ranges[name as StepInput]));

/** A step's inputs; the rows of `select` are one-hot. */
export function drawStep(graph: Graph, seed: number, weights?: Range): Float64Array[] {
  const at = graph.inputs.findIndex(t => t.name === 'select');
  return drawInputs(graph, seed, rangesOf(graph, weights)).map((values, i) => {
    const m = graph.inputs[i]!.shape.at(-1)!;
    return i === at ? values.map((_, n) => +(n % m === Math.floor(values[n - (n % m)]! * m))) : values;
  });
}

export interface Problem {
  readonly net: Net;
  readonly schedule: Schedule;
  readonly temperature: number;
}

/** A schedule of `innerSteps` steps on `images` images, all at once with one η̃ per step unless told. */
export const scheduled = (images: number, innerSteps: number, others: Partial<Schedule> = {}): Schedule => ({
  images,
  innerSteps,
  eta: 'step',
  decay: false,
  order: { kind: 'all' },
  loss: 'cross-entropy',
  ...others,
});

/** A problem that is small enough for differences. A deep net gets small weights: with larger ones its logits would be so far apart that softmax is flat. */
export interface SmallProblem extends Problem {
  readonly weights: Range;
}

const problem = (net: Net, schedule: Schedule, temperature = 1, weights = 0.7): SmallProblem => ({
  net,
  schedule,
  temperature,
  weights: [-weights, weights],
});
const [one, layer, decay] = [{ eta: 'one' }, { eta: 'layer' }, { decay: true }] as const;
const steps = (count: number): Partial<Schedule> => ({ order: { kind: 'steps', steps: count } });
const random = (batch: number): Partial<Schedule> => ({ order: { kind: 'random', batch } });
const columns = { columns: { first: 1, count: 2, total: 4 } };

/** Each kind of step size, decay and order, one step and several, temperatures, with and without span coordinates. */
export const problems: Readonly<Record<string, SmallProblem>> = {
  'logreg, N = 1': problem(nets.logreg, scheduled(3, 1, one)),
  'logreg, N = 2, one η̃, T = 5': problem(nets.logreg, scheduled(3, 2, one), 5),
  'logreg, N = 5, an η̃ per step, T = 20': problem(nets.logreg, scheduled(4, 5), 20),
  'logreg, N = 3, η̃ and λ per layer': problem(nets.logreg, scheduled(3, 3, { ...layer, ...decay })),
  'logreg, N = 4, one η̃ and one λ': problem(nets.logreg, scheduled(3, 4, { ...one, ...decay })),
  'logreg, N = 3, squared loss': problem(nets.logreg, scheduled(3, 3, { loss: 'squared' })),
  'logreg, as many images as pixels': problem(nets.logreg, scheduled(6, 3)),
  'logreg, one image': problem(nets.logreg, scheduled(1, 3, one)),
  'logreg, two steps with images of their own, two epochs': problem(nets.logreg, scheduled(4, 4, steps(2))),
  'logreg, mini-batches': problem(nets.logreg, scheduled(4, 3, { ...random(2), ...decay })),
  'a hidden layer, N = 3, an η̃ per step': problem(nets.hidden, scheduled(3, 3), 2),
  'a hidden layer, N = 3, η̃ and λ per layer': problem(
    nets.hidden,
    scheduled(3, 3, { ...layer, ...decay, ...columns }),
    2,
  ),
  'a hidden layer, mini-batches, η̃ per layer': problem(
    nets.hidden,
    scheduled(5, 3, { ...random(2), ...layer }),
  ),
  'conv, N = 1, an η̃ per step': problem(nets.conv, scheduled(3, 1)),
  'conv, N = 3, one η̃, T = 3': problem(nets.conv, scheduled(3, 3, one), 3),
  'conv, N = 2, an η̃ per step': problem(nets.conv, scheduled(2, 2)),
  'conv, N = 3, η̃ and λ per layer': problem(nets.conv, scheduled(2, 3, { ...layer, ...decay })),
  'conv, three steps with images of their own, λ': problem(
    nets.conv,
    scheduled(6, 3, { ...steps(3), ...decay }),
  ),
  'conv, mini-batches': problem(nets.conv, scheduled(3, 2, random(2))),
  'mlp, N = 3, η̃ and λ per layer': problem(nets.mlp, scheduled(3, 3, { ...layer, ...decay })),
  'lenet, N = 2, an η̃ per step': problem(nets.lenet, scheduled(3, 2), 1, 0.2),
  'convnet, N = 3, an η̃ per step, λ': problem(nets.convnet, scheduled(3, 3, decay)),
  'convnet, N = 1, one η̃, T = 2': problem(nets.convnet, scheduled(2, 1, one), 2),
  'all other layers, N = 2, one η̃': problem(nets.others, scheduled(3, 2, one)),
};

export const stepOf = ({ net, schedule, temperature }: Problem, batch = 4): Graph =>
  distillationStep(net, schedule, batch, temperature);
