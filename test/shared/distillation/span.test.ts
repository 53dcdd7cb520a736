import { describe, expect, test } from 'vitest';
import { innerStep } from '../../../src/shared/distillation/inner.ts';
import type { Inner } from '../../../src/shared/distillation/problem.ts';
import { sequenceOf } from '../../../src/shared/distillation/sequence.ts';
import { spanned } from '../../../src/shared/distillation/span.ts';
import {
  constant,
  evaluate,
  type Graph,
  input,
  scalar,
  type Tensor,
} from '../../../src/shared/graph/index.ts';
import { type Net, unflatten } from '../../../src/shared/models/index.ts';
import { drawInputs, expectClose } from '../graph/values.ts';
import { nets, scheduled } from './problems.ts';

const distilled = (net: Net, m: number) => ({
  images: input('images', [m, ...net.imageShape]),
  labels: input('labels', [m, net.classes]),
});

const etas = [0.3, 0.1, 0.7];

/** The inner problem of `innerSteps` steps in span coordinates. */
function inSpanOf(
  net: Net,
  set: ReturnType<typeof distilled>,
  w0: readonly Tensor[],
  innerSteps: number,
): Inner | undefined {
  const schedule = scheduled(set.images.shape[0]!, innerSteps);
  const eta = constant(
    Array.from({ length: innerSteps }, (_, k) => etas[k] ?? 0.1),
    [innerSteps],
  );
  const whole = { ...set, eta };
  return spanned(net, whole, w0, schedule, sequenceOf(schedule, whole));
}

/** w_3 after three steps, by `steps`. */
function trained(
  net: Net,
  m: number,
  steps: (w0: readonly Tensor[], of: ReturnType<typeof distilled>) => readonly Tensor[],
): Graph {
  const weights = input('weights', [net.weightCount]);
  const set = distilled(net, m);
  return { inputs: [weights, set.images, set.labels], outputs: steps(unflatten(net, weights), set) };
}

describe.each([
  ['logreg', nets.logreg],
  ['a hidden layer', nets.hidden],
] as const)('%s', (_, net) => {
  test.each([1, 4])('in the span of %i images the steps are the same', m => {
    const direct = trained(net, m, (w0, set) =>
      etas.reduce((w, eta) => innerStep(net, set, w, { eta: scalar(eta) }, 'cross-entropy'), [...w0]),
    );
    const inSpan = trained(net, m, (w0, set) => {
      const inner = inSpanOf(net, set, w0, etas.length)!;
      const walk = (s: readonly Tensor[], eta: number): readonly Tensor[] => inner.step(s, [scalar(eta)]);
      return inner.weights(etas.reduce(walk, inner.start));
    });
    const values = drawInputs(direct, 1);
    expectClose(evaluate(inSpan, values), evaluate(direct, values), 1e-13);
  });

  test('span coordinates hold no weight of the first layer', () => {
    const inner = inSpanOf(net, distilled(net, 2), unflatten(net, input('weights', [net.weightCount])), 10)!;
    expect(inner.start[0]!.shape).toEqual([2, net.weights[1]!.shape[0]]);
    expect(inner.start).toHaveLength(net.weights.length - 1);
  });
});

test.each<[string, Net, number, number]>([
  ['a single step', nets.logreg, 2, 1],
  ['as many images as features', nets.logreg, 6, 10],
  ['a net that begins with a convolution', nets.conv, 2, 10],
])('they do not apply to %s', (_, net, m, innerSteps) => {
  expect(
    inSpanOf(net, distilled(net, m), unflatten(net, input('weights', [net.weightCount])), innerSteps),
  ).toBeUndefined();
});
