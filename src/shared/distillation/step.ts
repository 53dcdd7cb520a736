/** @file The distillation step of one ensemble member: the question every worker answers. N inner steps, the loss on real images, and the way back.
 *  In: net and sizes. Out: a graph; engines run it. Source: Markov 2020, eq. 1–6 (docs/method.md). */
import {
  expand,
  type Graph,
  gradient,
  type Input,
  input,
  substitute,
  sumTo,
  type Tensor,
  vjp,
} from '../graph/index.ts';
import { flatten, forward, type Net, unflatten } from '../models/index.ts';
import { innerProblem } from './inner.ts';
import { outerLoss } from './loss.ts';
import { stepsBack, stepsForward, traceStep } from './wayBack.ts';

/** Sizes of a step: M images, N inner steps, one η̃ or one per inner step. */
export interface Schedule {
  readonly images: number;
  readonly innerSteps: number;
  readonly etaPerStep: boolean;
}

/** Inputs, by name: `weights` w_0 (P), `images` x̃ (M, H, W, C), `labels` ỹ (M, K), `eta` η̃ () or (N), `x` (B, H, W, C), `y` (B, K).
 *  Outputs, in this order: loss (), ∂x̃ (M, H, W, C), ∂η̃ () or (N), ∂ỹ (M, K). All images in the space the network sees, after normalisation. */
export const stepOutputs = ['loss', 'dImages', 'dEta', 'dLabels'] as const;

/** The meta-gradient of one member at temperature T on a mini-batch of `batch` real images. */
export function distillationStep(net: Net, schedule: Schedule, batch: number, temperature: number): Graph {
  const { weights, images, labels, eta } = inputs(net, schedule);
  const x = input('x', [batch, ...net.imageShape]);
  const y = input('y', [batch, net.classes]);
  const etas = expand(eta, [schedule.innerSteps]);
  const inner = innerProblem(net, { images, labels }, unflatten(net, weights), schedule.innerSteps);

  // Forward: w_0 → w_N.
  const trace = traceStep(inner);
  const { last, passed } = stepsForward(trace, inner.start, etas);

  // The loss on real images, cut off from the steps: v = ∂l/∂w_N, and what reaches x̃ beside the steps (through span coordinates).
  const wN = last.map((t, i) => input(`wN${i}`, t.shape));
  const lossAt = outerLoss(forward(net, x, inner.weights(wN)), y, temperature);
  const ends = new Map<Tensor, Tensor>(wN.map((t, i) => [t, last[i]!]));
  const [loss, dImagesAtEnd, ...v] = substitute([lossAt, ...gradient(lossAt, [images, ...wN])], ends) as [
    Tensor,
    Tensor,
    ...Tensor[],
  ];

  // Back: w_N → x̃, η̃, ỹ.
  const back = stepsBack(trace, passed, etas, v);
  const [dImages, dLabels] = vjp(
    [...trace.invariants, images],
    [...back.invariants, dImagesAtEnd],
    [images, labels],
  );
  return {
    inputs: [weights, images, labels, eta, x, y],
    outputs: [loss, dImages!, sumTo(back.etas, eta.shape), dLabels!],
  };
}

/** The inner steps alone: from `weights` w_0 (P), `images`, `labels` and `eta` to w_N (P). What a user of the distilled set does. */
export function trainingSteps(net: Net, schedule: Schedule): Graph {
  const { weights, images, labels, eta } = inputs(net, schedule);
  const inner = innerProblem(net, { images, labels }, unflatten(net, weights), schedule.innerSteps);
  const { last } = stepsForward(traceStep(inner), inner.start, expand(eta, [schedule.innerSteps]));
  return { inputs: [weights, images, labels, eta], outputs: [flatten(inner.weights(last))] };
}

/** Logits (B, K) of real images `x` (B, H, W, C) under `weights` (P). */
export function prediction(net: Net, batch: number): Graph {
  const weights = input('weights', [net.weightCount]);
  const x = input('x', [batch, ...net.imageShape]);
  return { inputs: [weights, x], outputs: [forward(net, x, unflatten(net, weights))] };
}

function inputs(
  net: Net,
  { images, innerSteps, etaPerStep }: Schedule,
): Record<'weights' | 'images' | 'labels' | 'eta', Input> {
  return {
    weights: input('weights', [net.weightCount]),
    images: input('images', [images, ...net.imageShape]),
    labels: input('labels', [images, net.classes]),
    eta: input('eta', etaPerStep ? [innerSteps] : []),
  };
}
