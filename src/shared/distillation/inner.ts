/** @file The inner problem: gradient steps on the distilled images. In: net, w_0, x̃, ỹ, η̃, λ. Out: what one step does to the weights.
 *  Knows graph and nets; no outer loss, no engine. Source: Markov 2020, w_{k+1} = w_k − η̃ ∇_w l(x̃, ỹ, w_k). */
import { gradient, type Tensor } from '../graph/index.ts';
import { forward, type Net } from '../models/index.ts';
import { type LossName, losses } from './loss.ts';
import { moved, paceOfLayer } from './pace.ts';
import type { Distilled, Inner, Pace } from './problem.ts';
import { layerNumbers, type Schedule } from './schedule.ts';
import { type DistilledInputs, sequenceOf } from './sequence.ts';
import { spanned } from './span.ts';

/** One inner step: w_{k+1} = (1 − λ_k) w_k − η̃_k ∇_w l(x̃, ỹ, w_k), with η̃_k and λ_k of each weight's layer; λ = 0 where the steps do not forget. */
export function innerStep(
  net: Net,
  { images, labels }: Distilled,
  weights: readonly Tensor[],
  pace: Pace,
  lossName: LossName,
): Tensor[] {
  const loss = losses[lossName](forward(net, images, weights), labels);
  const layers = layerNumbers(net);
  return gradient(loss, weights).map((g, i) => moved(weights[i]!, g, paceOfLayer(pace, layers[i]!)));
}

/** The inner problem from weights w_0, in the cheapest coordinates that fit the net and the schedule. */
export function innerProblem(
  net: Net,
  set: DistilledInputs,
  w0: readonly Tensor[],
  schedule: Schedule,
): Inner {
  const sequence = sequenceOf(schedule, set);
  return (
    spanned(net, set, w0, schedule, sequence) ?? {
      start: w0,
      scanned: sequence.scanned,
      step: (s, slices) => {
        const { distilled, pace } = sequence.at(slices);
        return innerStep(net, distilled, s, pace, schedule.loss);
      },
      weights: s => s,
    }
  );
}
