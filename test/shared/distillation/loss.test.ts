import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crossEntropy, outerLoss } from '../../../src/shared/distillation/index.ts';
import { evaluate, input } from '../../../src/shared/graph/index.ts';
import { drawInputs } from '../graph/values.ts';

/** −(1/B) Σ y·(z/T − log Σ exp z/T). */
function plain(z: Float64Array, y: Float64Array, classes: number, temperature: number): number {
  let total = 0;
  for (let row = 0; row < z.length; row += classes) {
    const logits = [...z.subarray(row, row + classes)].map(value => value / temperature);
    const normaliser = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
    logits.forEach((value, k) => {
      total -= y[row + k]! * (value - normaliser);
    });
  }
  return total / (z.length / classes);
}

test('cross-entropy of any labels, one-hot or not, is the mean over the samples, at any temperature', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0.1, max: 30, noNaN: true }),
      fc.nat(),
      (b, k, t, seed) => {
        const [z, y] = [input('z', [b, k]), input('y', [b, k])];
        const graph = { inputs: [z, y], outputs: [crossEntropy(z, y), outerLoss(z, y, t, 'cross-entropy')] };
        const [logits, labels] = drawInputs(graph, seed, [
          [-4, 4],
          [-1, 2],
        ]) as [Float64Array, Float64Array];
        const [loss, tempered] = evaluate(graph, [logits, labels]);
        expect(loss![0]).toBeCloseTo(plain(logits, labels, k, 1), 10);
        expect(tempered![0]).toBeCloseTo(plain(logits, labels, k, t), 10);
      },
    ),
  ));

test('logits of a thousand overflow nothing', () => {
  const [z, y] = [input('z', [1, 2]), input('y', [1, 2])];
  const graph = { inputs: [z, y], outputs: [crossEntropy(z, y)] };
  expect(evaluate(graph, [Float64Array.of(1000, -1000), Float64Array.of(0, 1)])).toEqual([
    Float64Array.of(2000),
  ]);
});

test('the squared loss is half the squared distance, mean over the samples; a temperature divides the logits', () => {
  const [z, y] = [input('z', [2, 2]), input('y', [2, 2])];
  const graph = { inputs: [z, y], outputs: [outerLoss(z, y, 1, 'squared'), outerLoss(z, y, 2, 'squared')] };
  const values = [Float64Array.of(2, 0, 4, 1), Float64Array.of(1, 2, 2, 1)];
  expect(evaluate(graph, values)).toEqual([Float64Array.of(9 / 4), Float64Array.of((0 + 4 + 0 + 0.25) / 4)]);
});
