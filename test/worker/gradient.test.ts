import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { type Job, type Options, planOf } from '../../src/shared/config/index.ts';
import { distillationStep } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import { decodeGradient, encodeState, type Gradient, type Task } from '../../src/shared/messages/index.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { expectClose } from '../shared/graph/values.ts';

const gradientTask = (step: number, member: number): Task => ({ kind: 'gradient', step, member });
const firstState = (job: Job): Uint8Array => encodeState(initialState(job.config, planOf(job)));
const asked = async (options: Options, task: Task): Promise<Gradient> => {
  const job = smallJob(options);
  const answer = await (await createHandler(job))(task, firstState(job));
  return decodeGradient(answer, planOf(job).sizes);
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

  test('is the step’s graph on w_0, the normalised batch and the broadcast state', async () => {
    const job = smallJob({ batchSize: 60, validation: 0, etaPerStep: false, seed: 5 });
    const { config, data } = job;
    const plan = planOf(job);
    const state = initialState(config, plan);
    const answer = await (await createHandler(job))(gradientTask(0, 1), encodeState(state));
    const actual = decodeGradient(answer, plan.sizes);
    const w0 = drawWeights(
      plan.nets.logreg!,
      { kind: 'xavier', mu: 0, sigma: 0 },
      stream(5, 'weights', 0, 1),
    );
    const x = Float64Array.from(data.train.images, pixel => (pixel / 255 - 0.4) / 0.3); // the order does not matter for a mean
    const y = Float64Array.from(data.train.labels).reduce(
      (hot, label, i) => hot.fill(1, i * 3 + label, i * 3 + label + 1),
      new Float64Array(180),
    );
    const graph = distillationStep(plan.nets.logreg!, plan.schedule, 60, 20);
    const exact = [w0, state.images, state.labels, state.eta].map(v => Float64Array.from(v));
    const expected = evaluate(graph, [...exact, x, y]);
    expectClose([[actual.loss], actual.images, actual.eta, actual.labels], expected, 1e-5);
  });
});
