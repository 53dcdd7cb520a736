import { describe, expect, test } from 'vitest';
import { type Job, planOf } from '../../src/shared/config/index.ts';
import { split } from '../../src/shared/data/batches.ts';
import { momentumSteps } from '../../src/shared/distillation/index.ts';
import { evaluate } from '../../src/shared/graph/index.ts';
import { permutation, stream } from '../../src/shared/random/index.ts';
import { loadEngine } from '../../src/worker/engines/index.ts';
import { Training } from '../../src/worker/training.ts';
import { dataSet, smallJob } from '../shared/config/jobs.ts';
import { expectClose } from '../shared/graph/values.ts';

const jobOf = (train: number): Job => ({
  ...smallJob({ engine: 'onnx', evalLr: 0.1, validation: 20 }),
  data: dataSet(train, 20),
});

/** The recipe `full` once more in plain loops over float64: mini-batches of `batch`, until 100 steps lower the loss by less than a thousandth of its whole fall. */
function trained(job: Job, start: Float32Array, batch: number): { weights: Float64Array; losses: number[] } {
  const { config, data } = job;
  const plan = planOf(job);
  const net = plan.nets.logreg!;
  const { training } = split(data.train.count, plan.validation, config.seed);
  const graph = momentumSteps(net, { steps: 1, batch, momentum: 0.9, loss: 'cross-entropy' });
  let [epoch, left]: [number, Uint32Array] = [0, new Uint32Array()];
  let state = [Float64Array.from(start), new Float64Array(net.weightCount)];
  const losses: number[] = [];
  for (;;) {
    let total = 0;
    for (let step = 0; step < 100; step++) {
      if (left.length < batch)
        left = permutation(training.length, stream(config.seed, 'fullBatch', epoch++, 0));
      const images = [...left.subarray(0, batch)].map(i => training[i]!);
      left = left.subarray(batch);
      const x = images.flatMap(i =>
        [...data.train.images.subarray(36 * i, 36 * (i + 1))].map(pixel => (pixel / 255 - 0.4) / 0.3),
      );
      const y = images.flatMap(i => [0, 1, 2].map(k => +(data.train.labels[i] === k)));
      const given = [Float64Array.from(x), Float64Array.from(y), Float64Array.of(config.evalLr)];
      const [w, v, loss] = evaluate(graph, [...state, ...given]);
      state = [Float64Array.from(w!), Float64Array.from(v!)];
      total += loss![0]!;
    }
    losses.push(total / 100);
    const [before, last] = losses.slice(-2);
    if (losses.length > 1 && before! - last! <= 1e-3 * (losses[0]! - last!))
      return { weights: state[0]!, losses };
  }
}

describe('the recipe full looks at its loss after 100 steps, also where an epoch has fewer', () => {
  test.each([
    ['one, of all images', 60, 40],
    ['one, of most images', 290, 256],
  ])('%s', async (_, train, batch) => {
    const job = jobOf(train);
    const plan = planOf(job);
    const pupil = { name: 'logreg', weights: new Float32Array(plan.nets.logreg!.weightCount), number: 0 };
    const actual = await new Training(job, plan, await loadEngine('onnx')).full(pupil, 'test');
    const { weights, losses } = trained(job, pupil.weights, batch);
    expect(losses.length).toBeGreaterThan(2); // it is not the first comparison that ends it
    expectClose([actual], [weights], 1e-3);
  });
});
