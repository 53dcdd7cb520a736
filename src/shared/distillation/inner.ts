/** @file The inner problem: gradient steps on the distilled images. In: net, w_0, x̃, ỹ. Out: what one step does to the weights.
 *  Knows graph and nets; no outer loss, no engine. Source: Markov 2020, w_{k+1} = w_k − η̃ ∇_w l(x̃, ỹ, w_k). */
import { gradient, mul, sub, type Tensor } from '../graph/index.ts';
import { forward, type Net } from '../models/index.ts';
import { crossEntropy } from './loss.ts';
import type { Distilled, Inner } from './problem.ts';
import { spanned } from './span.ts';

/** One inner step: w_{k+1} = w_k − η̃ ∇_w l(x̃, ỹ, w_k). */
export function innerStep(
  net: Net,
  { images, labels }: Distilled,
  weights: readonly Tensor[],
  eta: Tensor,
): Tensor[] {
  const loss = crossEntropy(forward(net, images, weights), labels);
  return gradient(loss, weights).map((g, i) => sub(weights[i]!, mul(eta, g)));
}

/** The inner problem from weights w_0, in the cheapest coordinates that fit the net and the number of steps. */
export function innerProblem(
  net: Net,
  distilled: Distilled,
  w0: readonly Tensor[],
  innerSteps: number,
): Inner {
  return (
    spanned(net, distilled, w0, innerSteps) ?? {
      start: w0,
      step: (s, eta) => innerStep(net, distilled, s, eta),
      weights: s => s,
    }
  );
}
