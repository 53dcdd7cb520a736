import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { type Job, type Options, planOf } from '../../src/shared/config/index.ts';
import { distillationStep } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import {
  decodeGradients,
  encodeAnswer,
  encodeState,
  type Gradient,
  type Task,
} from '../../src/shared/messages/index.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { startOfMember } from '../../src/worker/start.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { expectClose } from '../shared/graph/values.ts';

const gradientTask = (step: number, member: number, count = 1): Task => ({
  kind: 'gradient',
  step,
  member,
  count,
});
const firstState = (job: Job): Uint8Array => encodeState(initialState(job.config, planOf(job)));
const asked = async (options: Options, task: Task): Promise<Gradient> => {
  const job = smallJob(options);
  const answer = await (await createHandler(job))(task, firstState(job));
  return decodeGradients(answer, planOf(job).sizes, 1)[0]!;
};

describe('a gradient task', () => {
  test('is a function of (seed, step, member): the same bytes in any order, twice, on any worker', async () => {
    const job = smallJob({ models: 'logreg:2,conv:1', engine: 'onnx' });
    const state = firstState(job);
    const tasks = [0, 1, 2].flatMap(step => [0, 1, 2].map(member => gradientTask(step, member)));
    const [a, b] = [await createHandler(job), await createHandler(job)];
    const forwards = new Map<Task, Uint8Array>();
    for (const task of tasks) forwards.set(task, await a(task, state));
    for (const task of [...tasks].reverse()) expect(await b(task, state)).toEqual(forwards.get(task));
    for (const task of tasks) expect(await a(task, state)).toEqual(forwards.get(task));
    expect(new Set([...forwards.values()].map(bytes => Buffer.from(bytes).toString('hex'))).size).toBe(
      tasks.length,
    );
  });

  test.each<[Options['engine'] & string, Options]>([
    ['native', {}],
    ['native', { order: 'random', innerBatch: 2, learnDecay: true }],
    ['onnx', { order: 'random', innerBatch: 2 }],
    ['reference', {}],
  ])('of several members: each as it is alone, byte for byte, on %s, %j', async (engine, options) => {
    const job = smallJob({ models: 'logreg:5', engine, ...options });
    const state = firstState(job);
    const { sizes } = planOf(job);
    const alone = await createHandler(job);
    for (const [member, count] of [
      [0, 5],
      [1, 3],
      [4, 1],
    ] as const) {
      const gradients: Gradient[] = [];
      for (let i = member; i < member + count; i++)
        gradients.push(...decodeGradients(await alone(gradientTask(1, i), state), sizes, 1));
      const answer = await (await createHandler(job))(gradientTask(1, member, count), state);
      expect(answer).toEqual(encodeAnswer({ gradients }));
      expect(new Set(gradients.map(({ loss }) => loss)).size).toBe(count);
    }
  });

  test.each<[string, Options, Options, Task, Task, boolean]>([
    ['another seed', { seed: 1 }, { seed: 2 }, gradientTask(0, 0), gradientTask(0, 0), false],
    ['another member', {}, {}, gradientTask(0, 0), gradientTask(0, 1), false],
    ['another step', {}, {}, gradientTask(0, 0), gradientTask(1, 0), false],
    ['another number of members', {}, { models: 'logreg:5' }, gradientTask(0, 1), gradientTask(0, 1), true],
    [
      'other validation nets',
      {},
      { validationNets: 9, evalNets: 9 },
      gradientTask(0, 1),
      gradientTask(0, 1),
      true,
    ],
  ])('%s: is it the same answer?', async (_, a, b, taskA, taskB, same) => {
    const [first, second] = [await asked(a, taskA), await asked(b, taskB)];
    if (same) expect(second).toEqual(first);
    else expect(second).not.toEqual(first);
  });

  test('with fixed weights, steps differ by their batches only, and draws do so without', async () => {
    const whole = { validation: 0, batchSize: 60 }; // a batch is all images, so its loss depends on the weights alone
    const losses = async (init: 'fixed' | 'xavier'): Promise<number[]> =>
      Promise.all([0, 1, 2].map(async step => (await asked({ ...whole, init }, gradientTask(step, 0))).loss));
    const [first, ...others] = await losses('fixed');
    for (const loss of others) expect(loss).toBeCloseTo(first!, 10);
    expect(new Set((await losses('xavier')).map(loss => loss.toFixed(6))).size).toBe(3);
  });

  test.each<[string, Options]>([
    ['one η̃', { etaPerStep: false }],
    ['all images at each step, λ per step', { learnDecay: true }],
    ['images of its own for each step, two epochs, λ', { order: 'steps', innerEpochs: 2, learnDecay: true }],
    [
      'random mini-batches, η̃ and λ per layer',
      { order: 'random', innerBatch: 2, etaPerLayer: true, learnDecay: true },
    ],
    ['fewer images than classes', { images: 2 }],
    ['squared error, T = 3', { loss: 'squared', temperature: 3 }],
    ['images of class two are to be taken for one', { attackFrom: 'two', attackTo: 'one' }],
    ['a mixed ensemble, η̃ per layer', { models: 'conv,logreg', etaPerLayer: true, learnDecay: true }],
  ])('is the step’s graph on w_0, the normalised batch and the broadcast state: %s', async (_, options) => {
    const job = smallJob({ batchSize: 60, validation: 0, seed: 5, ...options });
    const plan = planOf(job);
    const { config, data } = job;
    const { images, labels, ...paces } = initialState(config, plan);
    const eta = paces.eta.map((v, i) => v + i / 20);
    const decay = paces.decay.map((_, i) => (i + 1) / 20);
    const state = { images, labels, eta, decay };
    const answer = await (await createHandler(job))(gradientTask(0, 1), encodeState(state));
    const actual = decodeGradients(answer, plan.sizes, 1)[0]!;
    const targets = options.attackFrom === undefined ? [0, 1, 2] : [0, 0, 2];
    const net = plan.nets.logreg!;
    const values: Readonly<Record<string, ArrayLike<number>>> = {
      ...state,
      weights: drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(5, 'weights', 0, 1)),
      select: startOfMember(job, plan, 0, 1).select ?? [],
      x: Array.from(data.train.images, pixel => (pixel / 255 - 0.4) / 0.3), // the order does not matter for a mean
      y: Array.from(data.train.labels).flatMap(label => [0, 1, 2].map(k => (k === targets[label] ? 1 : 0))),
    };
    const graph = distillationStep(net, plan.schedules.logreg!, 60, options.temperature === 3 ? 3 : 20);
    const inputs = graph.inputs.map(t => Float64Array.from(values[t.name]!));
    const learned = plan.sizes.decay > 0;
    const parts = [[actual.loss], actual.images, actual.eta, actual.labels];
    expectClose(learned ? [...parts, actual.decay] : parts, evaluate(graph, inputs), 1e-5);
    expect(actual.decay.some(g => g !== 0)).toBe(learned);
  });
});
