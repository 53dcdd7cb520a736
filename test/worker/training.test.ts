import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { type Job, type Options, planOf } from '../../src/shared/config/index.ts';
import { split } from '../../src/shared/data/batches.ts';
import { momentumSteps } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import {
  type DistilledState,
  decodeAccuracy,
  decodeTrained,
  encodeState,
  type Recipe,
  type Task,
  type Trained,
} from '../../src/shared/messages/index.ts';
import { drawWeights } from '../../src/shared/models/index.ts';
import { permutation, stream } from '../../src/shared/random/index.ts';
import { loadEngine } from '../../src/worker/engines/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { type Pupil, Training } from '../../src/worker/training.ts';
import { dataSet, smallJob } from '../shared/config/jobs.ts';
import { expectClose } from '../shared/graph/values.ts';

const pretrainTask = (model: number, net: number, epochs = 2): Task => ({
  kind: 'pretrain',
  model,
  net,
  epochs,
});
const accuracyTask = (recipe: Recipe, net = 0, part: 'validation' | 'test' = 'test'): Task => ({
  kind: 'accuracy',
  step: 0,
  part,
  model: 0,
  net,
  recipe,
});

const bytesOf = async (job: Job, task: Task): Promise<Uint8Array> =>
  (await createHandler(job))(task, encodeState(initialState(job.config, planOf(job))));

/** More training images than one mini-batch, and no multiple of it. */
const large = (options: Options = {}): Job => ({
  ...smallJob({ engine: 'onnx', evalLr: 0.05, ...options }),
  data: dataSet(600, 40),
});

describe('every kind of training', () => {
  const tasks: readonly Task[] = [
    pretrainTask(0, 3),
    accuracyTask('converged', 1),
    accuracyTask('full', 1),
    accuracyTask('full', 1, 'validation'),
  ];

  test('gives the same bytes on any worker, in any order, twice', async () => {
    const job = large({ models: 'logreg' });
    const state = encodeState(initialState(job.config, planOf(job)));
    const [a, b] = [await createHandler(job), await createHandler(job)];
    const first: Uint8Array[] = [];
    for (const task of tasks) first.push(await a(task, state));
    for (const [i, task] of [...tasks.entries()].reverse()) expect(await b(task, state)).toEqual(first[i]);
    for (const [i, task] of tasks.entries()) expect(await a(task, state)).toEqual(first[i]);
  });
});

describe('a pretrain task', () => {
  const trained = async (job: Job, task: Task): Promise<Trained> => {
    const plan = planOf(job);
    const name = plan.names[task.kind === 'pretrain' ? task.model : 0]!;
    return decodeTrained(await bytesOf(job, task), plan.nets[name]!.weightCount);
  };

  test.each([
    ['logreg', {}],
    ['a second architecture, He’s draw', { models: 'logreg,conv', init: 'he' }],
  ] as const)('is SGD with momentum from w_0 of its own stream, epoch by epoch: %s', async (_, options) => {
    const job = large(options);
    const plan = planOf(job);
    const { config, data } = job;
    const model = plan.names.length - 1;
    const net = plan.nets[plan.names[model]!]!;
    const { training } = split(600, plan.validation, config.seed);
    const weights = drawWeights(
      net,
      { kind: config.init as 'xavier', mu: 0, sigma: 0 },
      stream(config.seed, 'pretrainWeights', 0, 5),
    );
    const [epochs, batch] = [2, 256];
    const steps = Math.floor(training.length / batch); // of an epoch; what is left of it is dropped
    const graph = momentumSteps(net, { steps, batch, momentum: 0.9, loss: 'cross-entropy' });
    let state = [Float64Array.from(weights), new Float64Array(net.weightCount)];
    let loss = Number.NaN;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = permutation(training.length, stream(config.seed, 'pretrainBatch', epoch, 5));
      const images = [...order.subarray(0, steps * batch)].map(i => training[i]!);
      const x = images.flatMap(i =>
        [...data.train.images.subarray(36 * i, 36 * (i + 1))].map(pixel => (pixel / 255 - 0.4) / 0.3),
      );
      const y = images.flatMap(i => [0, 1, 2].map(k => +(data.train.labels[i] === k)));
      const [w, v, mean] = evaluate(graph, [
        ...state,
        Float64Array.from(x),
        Float64Array.from(y),
        Float64Array.of(0.05),
      ]);
      state = [Float64Array.from(w!), Float64Array.from(v!)];
      loss = mean![0]!;
    }
    const actual = await trained(job, pretrainTask(model, 5, epochs));
    expectClose([actual.weights, [actual.loss]], [state[0]!, [loss]], 1e-4);
  });

  test('needs no state', async () => {
    const job = smallJob();
    const answer = await (await createHandler(job))(pretrainTask(0, 0), new Uint8Array());
    decodeTrained(answer, planOf(job).nets.logreg!.weightCount);
  });

  test('learns: more epochs, less loss; other networks and seeds are others', async () => {
    const job = large();
    const [one, five] = [
      await trained(job, pretrainTask(0, 0, 1)),
      await trained(job, pretrainTask(0, 0, 5)),
    ];
    expect(five.loss).toBeLessThan(one.loss);
    expect((await trained(job, pretrainTask(0, 1, 1))).weights).not.toEqual(one.weights);
    expect((await trained(large({ seed: 2 }), pretrainTask(0, 0, 1))).weights).not.toEqual(one.weights);
  });

  test('knows no attack: images are taken for what they are', async () => {
    const attack = { attackFrom: 'one', attackTo: 'two' };
    expect(await trained(large(attack), pretrainTask(0, 0))).toEqual(
      await trained(large(), pretrainTask(0, 0)),
    );
  });

  test('that diverges is answered by an error in one line', async () => {
    const job = smallJob({ loss: 'squared', evalLr: 1e3, engine: 'onnx' }); // the cross-entropy of a linear net never overflows
    await expect(trained(job, pretrainTask(0, 7, 200))).rejects.toThrow(
      /^network 7 of logreg, in training: expected a finite loss, found none after \d+ steps; lower --eval-lr$/,
    );
  });
});

describe('the recipes converged and full', () => {
  const right = async (job: Job, task: Task): Promise<number> => {
    const { confusion } = decodeAccuracy(await bytesOf(job, task), 3);
    return (confusion[0]! + confusion[4]! + confusion[8]!) / confusion.reduce((a, b) => a + b);
  };

  test('full: learns the real images, better than not at all', async () => {
    const job = large();
    const [none, full] = [await right(job, accuracyTask('none')), await right(job, accuracyTask('full'))];
    expect(full).toBeGreaterThan(0.9);
    expect(full).toBeGreaterThan(none);
  });

  test('full never sees the images that are held out', async () => {
    const job = large({ validation: 200 });
    const { validation } = split(600, 200, job.config.seed);
    const bytes = await bytesOf(job, accuracyTask('full', 0));
    const labels = new Uint8Array(new SharedArrayBuffer(600));
    labels.set(job.data.train.labels);
    for (const i of validation) labels[i] = (labels[i]! + 1) % 3; // all wrong
    const train = { ...job.data.train, labels };
    expect(await bytesOf({ ...job, data: { ...job.data, train } }, accuracyTask('full', 0))).toEqual(bytes);
  });

  test('converged: all images of the set in each step, until the loss has settled', async () => {
    const job = smallJob({ engine: 'onnx', evalLr: 0.001 });
    const plan = planOf(job);
    const state = { ...initialState(job.config, plan), ...separable(plan.images) };
    const net = plan.nets.logreg!;
    const pupil: Pupil = { name: 'logreg', weights: new Float32Array(net.weightCount), number: 0 };
    const training = new Training(job, plan, await loadEngine('onnx'));
    const weights = await training.converged(pupil, 'test', state);

    const steps = 100; // a window
    const graph = momentumSteps(net, { steps, batch: plan.images, momentum: 0.9, loss: 'cross-entropy' });
    const repeated = (values: Float32Array): Float64Array =>
      Float64Array.from({ length: steps * values.length }, (_, i) => values[i % values.length]!);
    const given = [repeated(state.images), repeated(state.labels), Float64Array.of(0.001)];
    let now = [new Float64Array(net.weightCount), new Float64Array(net.weightCount)];
    const losses: number[] = [];
    for (;;) {
      const [w, v, mean] = evaluate(graph, [...now, ...given]);
      now = [Float64Array.from(w!), Float64Array.from(v!)];
      losses.push(mean![0]!);
      const [before, last] = losses.slice(-2);
      if (losses.length > 1 && before! - last! <= 1e-3 * (losses[0]! - last!)) break;
    }
    expect(losses.length).toBeGreaterThan(3);
    expect(losses.length).toBeLessThan(50);
    expectClose([weights], [now[0]!], 1e-3);
  });

  test('converged ends where the loss of learned labels has no least value', async () => {
    const job = smallJob({ engine: 'onnx' });
    const plan = planOf(job);
    const state = { ...initialState(job.config, plan), ...separable(plan.images) };
    const labels = state.labels.map(label => (label === 1 ? 3 : -1));
    const training = new Training(job, plan, await loadEngine('onnx'));
    const pupil: Pupil = {
      name: 'logreg',
      weights: new Float32Array(plan.nets.logreg!.weightCount),
      number: 0,
    };
    const weights = await training.converged(pupil, 'test', { ...state, labels });
    expect(weights.every(Number.isFinite)).toBe(true);
  });

  test('converged: of many images a random mini-batch in each step, its order that of its network', async () => {
    const job = smallJob({ engine: 'onnx', images: 300 });
    const plan = planOf(job);
    const training = new Training(job, plan, await loadEngine('onnx'));
    const state: DistilledState = { ...initialState(job.config, plan), ...separable(300) };
    const weights = new Float32Array(plan.nets.logreg!.weightCount);
    const learned = (number: number, part: 'validation' | 'test'): Promise<Float32Array> =>
      training.converged({ name: 'logreg', weights, number }, part, state);
    const first = await learned(0, 'test');
    expect(await learned(0, 'test')).toEqual(first);
    expect(await learned(1, 'test')).not.toEqual(first);
    expect(await learned(0, 'validation')).not.toEqual(first);
  });
});

/** `m` images of three classes in turn, each with a bright stripe of its own; their labels are one-hot. */
function separable(m: number): Pick<DistilledState, 'images' | 'labels'> {
  const images = Float32Array.from({ length: m * 36 }, (_, i) => {
    const [image, pixel] = [Math.floor(i / 36), i % 36];
    return (Math.floor(pixel / 12) === image % 3 ? 1 : -1) * (1 + 0.3 * Math.sin(i));
  });
  const labels = Float32Array.from({ length: m * 3 }, (_, i) => +(i % 3 === Math.floor(i / 3) % 3));
  return { images, labels };
}
