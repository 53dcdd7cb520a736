/** @file The distillation step of one ensemble member: the question every worker answers. N inner steps, the loss on real images, and the way back.
 *  In: net and sizes. Out: a graph; engines run it. Source: Markov 2020, eq. 1–6 (docs/method.md). */
import { type Graph, type Input, input, substitute, type Tensor, vjp } from '../graph/index.ts';
import { flatten, forward, type Net, unflatten } from '../models/index.ts';
import { innerProblem } from './inner.ts';
import { outerGradient } from './outer.ts';
import { paceShape, type Schedule } from './schedule.ts';
import type { DistilledInputs } from './sequence.ts';
import { stepsBack, stepsForward, traceStep } from './wayBack.ts';

/** What a step may take, by name: `weights` w_0 (P), `images` x̃ (M, H, W, C), `labels` ỹ (M, K), `eta` η̃ and, where the steps forget, `decay` λ, each (), (N) or
 *  (N, L); with order 'random' `select` (N, batch, M); `x` (B, H, W, C) and `y` (B, K). All images in the space the network sees, after normalisation. */
export type StepInput = 'weights' | 'images' | 'labels' | 'eta' | 'decay' | 'select' | 'x' | 'y';

/** Its outputs, in this order, each shaped as what it is the gradient of; the last only where the steps forget. */
export const stepOutputs = ['loss', 'dImages', 'dEta', 'dLabels', 'dDecay'] as const;

/** The meta-gradient of one member at temperature T on a mini-batch of `batch` real images. */
export function distillationStep(net: Net, schedule: Schedule, batch: number, temperature: number): Graph {
  const { weights, set, given } = inputs(net, schedule);
  const x = input('x', [batch, ...net.imageShape]);
  const y = input('y', [batch, net.classes]);
  const inner = innerProblem(net, set, unflatten(net, weights), schedule);

  // Forward: w_0 → w_N.
  const trace = traceStep(inner);
  const { last, passed } = stepsForward(trace, inner);

  // The loss on real images, cut off from the steps: v = ∂l/∂w_N, and what reaches x̃ beside the steps (through span coordinates).
  const wN = last.map((t, i) => input(`wN${i}`, t.shape));
  const taken = { temperature, loss: schedule.loss };
  const atEnd = outerGradient(net, inner.weights(wN), [set.images, ...wN], { x, y }, taken);
  const ends = new Map<Tensor, Tensor>(wN.map((t, i) => [t, last[i]!]));
  const [loss, dImagesAtEnd, ...v] = substitute(atEnd, ends) as [Tensor, Tensor, ...Tensor[]];

  // Back: w_N → x̃, η̃, ỹ, λ.
  const back = stepsBack(trace, inner, passed, v);
  const gradients = vjp(
    [...inner.scanned, ...trace.invariants, set.images],
    [...back.scanned, ...back.invariants, dImagesAtEnd],
    [set.images, set.eta, set.labels, ...(set.decay ? [set.decay] : [])],
  );
  return { inputs: [...given, x, y], outputs: [loss, ...gradients] };
}

/** The inner steps alone: from `weights` w_0 (P) and the distilled set to w_N (P). What a user of the distilled set does. */
export function trainingSteps(net: Net, schedule: Schedule): Graph {
  const { weights, set, given } = inputs(net, schedule);
  const inner = innerProblem(net, set, unflatten(net, weights), schedule);
  const { last } = stepsForward(traceStep(inner), inner);
  return { inputs: given, outputs: [flatten(net, inner.weights(last))] };
}

/** Logits (B, K) of real images `x` (B, H, W, C) under `weights` (P). */
export function prediction(net: Net, batch: number): Graph {
  const weights = input('weights', [net.weightCount]);
  const x = input('x', [batch, ...net.imageShape]);
  return { inputs: [weights, x], outputs: [forward(net, x, unflatten(net, weights))] };
}

/** The inputs that the inner steps have, as tensors by role and in order. */
function inputs(
  net: Net,
  schedule: Schedule,
): { weights: Input; set: DistilledInputs; given: readonly Input[] } {
  const { images: m, innerSteps, order } = schedule;
  const named = (name: StepInput, shape: readonly number[]): Input => input(name, shape);
  const weights = named('weights', [net.weightCount]);
  const images = named('images', [m, ...net.imageShape]);
  const labels = named('labels', [m, net.classes]);
  const eta = named('eta', paceShape(net, schedule));
  const decay = schedule.decay ? named('decay', eta.shape) : undefined;
  const select = order.kind === 'random' ? named('select', [innerSteps, order.batch, m]) : undefined;
  const given = [weights, images, labels, eta, decay, select].filter(t => t !== undefined);
  return { weights, set: { images, labels, eta, decay, select }, given };
}
