import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { initialisationOf, type Job, type Options, planOf } from '../../src/shared/config/index.ts';
import { split } from '../../src/shared/data/batches.ts';
import { trainingSteps } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import { decodeAccuracy, encodeState, type Recipe, type Task } from '../../src/shared/messages/index.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { type Purpose, stream } from '../../src/shared/random/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { startOfJudged } from '../../src/worker/start.ts';
import { dataSet, smallJob } from '../shared/config/jobs.ts';
import { naiveForward } from '../shared/models/naive.ts';

type Question = Extract<Task, { kind: 'accuracy' }>;

/** More test images than are classified at once, and no multiple of it. */
const data = dataSet(60, 520);
const jobWith = (options: Options): Job => ({
  ...smallJob({ models: 'logreg:1,conv:2', engine: 'onnx', ...options }),
  data,
});
const question = (
  part: 'validation' | 'test',
  model: number,
  net: number,
  recipe: Recipe = 'schedule',
): Question => ({ kind: 'accuracy', step: 0, part, model, net, recipe });

async function answered(options: Options, task: Question): Promise<number[]> {
  const job = jobWith(options);
  const plan = planOf(job);
  const answer = await (await createHandler(job))(task, encodeState(initialState(job.config, plan)));
  return [...decodeAccuracy(answer, plan.classes).confusion];
}

/** The same count in plain loops, from the stream that the fresh network's w_0 should come from. */
function counted(options: Options, task: Question, purpose: Purpose, number: number): number[] {
  const job = jobWith(options);
  const { config } = job;
  const plan = planOf(job);
  const name = plan.names[task.model]!;
  const net = plan.nets[name]!;
  const weights = drawWeights(net, initialisationOf(config), stream(config.seed, purpose, 0, number));
  const { select } = startOfJudged(job, plan, name, task.part, task.net);
  const values = { ...initialState(config, plan), weights, ...(select && { select }) };
  const graph = trainingSteps(net, plan.schedules[name]!);
  const inputs = graph.inputs.map(t =>
    Float64Array.from(values[t.name as keyof typeof values] as Float32Array),
  );
  const [trained] = task.recipe === 'none' ? [Float64Array.from(weights)] : evaluate(graph, inputs);
  const set = task.part === 'test' ? data.test : data.train;
  const indices =
    task.part === 'test' ? [...set.labels.keys()] : [...split(60, plan.validation, config.seed).validation];
  const confusion = new Array<number>(9).fill(0);
  for (const i of indices) {
    const pixels = [...set.images.subarray(i * 36, (i + 1) * 36)].map(pixel => (pixel / 255 - 0.4) / 0.3);
    const logits = naiveForward(net, pixels, trained!);
    confusion[set.labels[i]! * 3 + logits.indexOf(Math.max(...logits))]!++;
  }
  return confusion;
}

const forgetful: Options = { learnDecay: true, etaPerLayer: true, learnLabels: true };
const attack: Options = { attackFrom: 'one', attackTo: 'three' };

describe('an accuracy task counts, class by class, what a fresh network takes the images for after the inner steps', () => {
  test.each<[string, Options, Question, Purpose, number]>([
    ['test images', {}, question('test', 0, 3), 'testWeights', 3],
    ['test images, another architecture', {}, question('test', 1, 4), 'testWeights', 4],
    [
      'held-out training images only',
      { validation: 40 },
      question('validation', 0, 0),
      'validationWeights',
      0,
    ],
    ['fixed weights: the members themselves', { init: 'fixed' }, question('test', 0, 2), 'weights', 0],
    ['fixed weights of the second and third member', { init: 'fixed' }, question('test', 1, 3), 'weights', 2],
    ['steps with images of their own', { order: 'steps' }, question('test', 0, 1), 'testWeights', 1],
    [
      'random mini-batches, η̃ and λ per layer',
      { order: 'random', innerBatch: 2, ...forgetful },
      question('test', 1, 5),
      'testWeights',
      5,
    ],
    [
      'under attack the rows are still the images’ own classes',
      attack,
      question('test', 0, 3),
      'testWeights',
      3,
    ],
    ['recipe none: w_0 as it is drawn', {}, question('test', 1, 4, 'none'), 'testWeights', 4],
    [
      'recipe none, on held-out images',
      { validation: 40 },
      question('validation', 0, 6, 'none'),
      'validationWeights',
      6,
    ],
  ])('%s', async (_, options, task, purpose, number) => {
    expect(await answered(options, task)).toEqual(counted(options, task, purpose, number));
  });

  test('rows count the images of each class', async () => {
    const confusion = await answered({}, question('test', 0, 0));
    const rows = [0, 1, 2].map(c => confusion.slice(3 * c, 3 * c + 3).reduce((a, b) => a + b));
    expect(rows).toEqual([0, 1, 2].map(c => data.test.labels.filter(label => label === c).length));
  });

  test('recipe none asks nothing of the set', async () => {
    const none = question('test', 0, 1, 'none');
    expect(await answered({ imageSigma: 3, eta: 0.9 }, none)).toEqual(await answered({}, none));
    const learned = question('test', 0, 1);
    expect(await answered({ imageSigma: 3, eta: 0.9 }, learned)).not.toEqual(await answered({}, learned));
  });

  test('networks differ, and a task gives the same answer twice', async () => {
    const matrices = await Promise.all([0, 1, 2, 3, 0].map(net => answered({}, question('test', 0, net))));
    const right = matrices.map(([a, , , , b, , , , c]) => a! + b! + c!);
    expect(new Set(right).size).toBeGreaterThan(1);
    expect(matrices[4]).toEqual(matrices[0]);
  });
});
