import { describe, test } from 'vitest';
import { momentumSteps, type TrainingInput } from '../../../src/shared/distillation/index.ts';
import { evaluate } from '../../../src/shared/graph/index.ts';
import type { Net } from '../../../src/shared/models/index.ts';
import { drawInputs, expectClose, type Range } from '../graph/values.ts';
import { naiveForward } from '../models/naive.ts';
import { nets } from './problems.ts';

const ranges: Readonly<Record<TrainingInput, Range>> = {
  weights: [-0.7, 0.7],
  velocity: [-0.3, 0.3],
  x: [-1, 1],
  y: [0, 1], // soft labels, which need not sum to one
  rate: [0.1, 0.5],
};

interface Sample {
  readonly image: readonly number[];
  readonly label: readonly number[];
}

/** −(1/B) Σ y·log softmax z. */
function crossEntropy(net: Net, weights: readonly number[], samples: readonly Sample[]): number {
  const losses = samples.map(({ image, label }) => {
    const z = naiveForward(net, image, weights);
    const normaliser = Math.log(z.reduce((total, v) => total + Math.exp(v), 0));
    return label.reduce((total, y, k) => total - y * (z[k]! - normaliser), 0);
  });
  return losses.reduce((a, b) => a + b, 0) / samples.length;
}

/** By central differences. */
const slope = (f: (w: readonly number[]) => number, weights: readonly number[]): number[] =>
  weights.map((w, i) => (f(weights.with(i, w + 1e-5)) - f(weights.with(i, w - 1e-5))) / 2e-5);

/** Training as it is in textbooks, one step after the other, in float64. */
function trained(
  net: Net,
  momentum: number,
  batches: readonly (readonly Sample[])[],
  start: { weights: readonly number[]; velocity: readonly number[]; rate: number },
): { weights: readonly number[]; velocity: readonly number[]; loss: number } {
  let { weights, velocity } = start;
  let total = 0;
  for (const samples of batches) {
    const loss = (w: readonly number[]): number => crossEntropy(net, w, samples);
    total += loss(weights);
    const gradient = slope(loss, weights);
    velocity = velocity.map((v, i) => momentum * v + gradient[i]!);
    weights = weights.map((w, i) => w - start.rate * velocity[i]!);
  }
  return { weights, velocity, loss: total / batches.length };
}

const rows = (flat: Float64Array, width: number): number[][] =>
  Array.from({ length: flat.length / width }, (_, i) => [...flat.subarray(i * width, (i + 1) * width)]);

/** Differences cost a forward pass for each weight: of the deep nets only those that have few. */
const few = Object.entries(nets).filter(([, net]) => net.weightCount < 500);

describe.each(few)('%s', (_, net) => {
  test.each([
    [1, 1, 0.9],
    [3, 2, 0.9],
    [4, 3, 0],
    [5, 1, 0.5],
  ])('%i steps on %i images each with momentum %f are what plain loops give', (steps, batch, momentum) => {
    const graph = momentumSteps(net, { steps, batch, momentum, loss: 'cross-entropy' });
    const values = drawInputs(
      graph,
      steps,
      graph.inputs.map(t => ranges[t.name as TrainingInput]),
    );
    const [weights, velocity, x, y, [rate]] = values as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const images = rows(x, x.length / (steps * batch));
    const labels = rows(y, net.classes);
    const batches = Array.from({ length: steps }, (_, k) =>
      Array.from({ length: batch }, (_, b) => {
        const at = k * batch + b;
        return { image: images[at]!, label: labels[at]! };
      }),
    );
    const start = { weights: [...weights], velocity: [...velocity], rate: rate! };
    const expected = trained(net, momentum, batches, start);
    expectClose(evaluate(graph, values), [expected.weights, expected.velocity, [expected.loss]], 1e-5); // differences are that coarse after five steps of a net with norms
  });
});

test('two calls that hand weights and velocity on are one call over both', () => {
  const net = nets.hidden;
  const sizes = { batch: 2, momentum: 0.8, loss: 'cross-entropy' } as const;
  const four = momentumSteps(net, { ...sizes, steps: 4 });
  const two = momentumSteps(net, { ...sizes, steps: 2 });
  const [weights, velocity, x, y, rate] = drawInputs(four, 7) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const half = (values: Float64Array, i: number): Float64Array =>
    values.subarray((i * values.length) / 2, ((i + 1) * values.length) / 2);
  const [w1, v1, l1] = evaluate(two, [weights, velocity, half(x, 0), half(y, 0), rate]);
  const [w2, v2, l2] = evaluate(two, [w1!, v1!, half(x, 1), half(y, 1), rate]);
  const once = evaluate(four, [weights, velocity, x, y, rate]);
  expectClose(once, [w2!, v2!, [(l1![0]! + l2![0]!) / 2]], 1e-12);
});
