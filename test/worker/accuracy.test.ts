import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { initialisationOf, type Options, planOf } from '../../src/shared/config/index.ts';
import { split } from '../../src/shared/data/batches.ts';
import { trainingSteps } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import { type Accuracy, decodeAccuracy, encodeState, type Task } from '../../src/shared/messages/index.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { type Purpose, stream } from '../../src/shared/random/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { dataSet, smallJob } from '../shared/config/jobs.ts';
import { naiveForward } from '../shared/models/naive.ts';

type Question = Extract<Task, { kind: 'accuracy' }>;

/** More test images than are classified at once, and no multiple of it. */
const data = dataSet(60, 520);
const jobWith = (options: Options) => ({
  ...smallJob({ models: 'logreg:1,conv:2', engine: 'onnx', ...options }),
  data,
});
const question = (part: 'validation' | 'test', model: number, net: number): Question => ({
  kind: 'accuracy',
  step: 0,
  part,
  model,
  net,
});

async function answered(options: Options, task: Question): Promise<Accuracy> {
  const job = jobWith(options);
  const answer = await (await createHandler(job))(task, encodeState(initialState(job.config, planOf(job))));
  return decodeAccuracy(answer);
}

/** The same count in plain loops, from the stream that the fresh network's w_0 should come from. */
function counted(options: Options, { part, model }: Question, purpose: Purpose, number: number): Accuracy {
  const { config } = jobWith(options);
  const plan = planOf({ config, data });
  const net = plan.nets[plan.architectures[model]!]!;
  const w0 = drawWeights(net, initialisationOf(config), stream(config.seed, purpose, 0, number));
  const { images, labels, eta } = initialState(config, plan);
  const exact = [w0, images, labels, eta].map(v => Float64Array.from(v));
  const [weights] = evaluate(trainingSteps(net, plan.schedule), exact);
  const set = part === 'test' ? data.test : data.train;
  const indices =
    part === 'test' ? [...set.labels.keys()] : [...split(60, config.validation, config.seed).validation];
  const right = indices.filter(i => {
    const pixels = [...set.images.subarray(i * 36, (i + 1) * 36)].map(pixel => (pixel / 255 - 0.4) / 0.3);
    const logits = naiveForward(net, pixels, weights!);
    return logits.indexOf(Math.max(...logits)) === set.labels[i];
  });
  return { correct: right.length, total: indices.length };
}

describe('an accuracy task counts the images that a fresh network classifies rightly after the inner steps', () => {
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
  ])('%s', async (_, options, task, purpose, number) => {
    expect(await answered(options, task)).toEqual(counted(options, task, purpose, number));
  });

  test('networks differ, and a task gives the same answer twice', async () => {
    const shares = await Promise.all([0, 1, 2, 3, 0].map(net => answered({}, question('test', 0, net))));
    expect(new Set(shares.map(({ correct }) => correct)).size).toBeGreaterThan(1);
    expect(shares[4]).toEqual(shares[0]);
  });
});
