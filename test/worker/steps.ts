/** @file Distillation steps of real size, on inputs as a run has them at its start. */
import type { Graph } from '../../src/shared/graph/index.ts';
import {
  buildNet,
  drawWeights,
  type ModelName,
  type ModelOptions,
  models,
} from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { type Problem, scheduled, stepOf } from '../shared/distillation/problems.ts';

interface LargeProblem extends Problem {
  readonly batch: number;
}

const source: ModelOptions = { kernel: 5, filters: 16, hidden: 128, depth: 3, width: 8 };

const problem = (
  model: ModelName,
  side: number,
  sizes: Partial<ModelOptions>,
  innerSteps: number,
  batch: number,
): LargeProblem => ({
  net: buildNet(model, models[model].layers({ ...source, ...sizes }, 10), [side, side, 1]),
  schedule: scheduled(10, innerSteps),
  temperature: models[model].temperature,
  batch,
});

export const largeProblems: Readonly<Record<string, LargeProblem>> = {
  'logreg, 28×28, N = 10': problem('logreg', 28, {}, 10, 256),
  'logreg, 28×28, N = 200': problem('logreg', 28, {}, 200, 32),
  'conv, 12×12, N = 10': problem('conv', 12, { kernel: 3, filters: 4, hidden: 16 }, 10, 16),
  'conv, 28×28, N = 2': problem('conv', 28, {}, 2, 16),
  'mlp, 28×28, N = 10': problem('mlp', 28, {}, 10, 64),
  'lenet, 28×28, N = 2': problem('lenet', 28, {}, 2, 16),
  'convnet, 16×16, N = 2': problem('convnet', 16, {}, 2, 16),
};

export const largeStep = (p: LargeProblem): Graph => stepOf(p, p.batch);

/** Xavier weights, normal pixels, one-hot labels, η̃ of 0.02. */
export function largeInputs(
  { net, schedule: { images, innerSteps }, batch }: LargeProblem,
  seed: number,
): Float32Array[] {
  const random = stream(seed, 'images');
  const pixels = net.imageShape.reduce((a, b) => a * b, 1);
  const normals = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.normal());
  const oneHot = (count: number): Float32Array =>
    Float32Array.from({ length: count * net.classes }, (_, i) =>
      (((i / net.classes) % net.classes) | 0) === i % net.classes ? 1 : 0,
    );
  return [
    drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(seed, 'weights')),
    normals(images * pixels),
    oneHot(images),
    new Float32Array(innerSteps).fill(0.02),
    normals(batch * pixels),
    oneHot(batch),
  ];
}
