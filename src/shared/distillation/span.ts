/** @file A dense layer that is fed by x̃ itself, in the coordinates of the span of x̃. Its gradient is always x̃ᵀ δ, so w_k = w_0 + x̃ᵀ c_k with c (M, units) small, and
 *  its outputs x̃·w_k + b_k = (x̃·w_0 + b_0) + K c_k need only the Gram matrix K = x̃x̃ᵀ + 1 (the 1 is the bias). The inner steps never touch w.
 *  The same steps as inner.ts, up to rounding; measured in docs/decisions/0004. */
import {
  add,
  expand,
  gradient,
  matmul,
  mul,
  reshape,
  scalar,
  sub,
  sumTo,
  type Tensor,
} from '../graph/index.ts';
import { forwardFrom, type Net } from '../models/index.ts';
import { crossEntropy } from './loss.ts';
import type { Distilled, Inner } from './problem.ts';

/** The inner problem in span coordinates s = [c, later weights …], or undefined where they do not apply: the net must begin flatten → dense,
 *  with fewer images than features, and a single step would gain nothing. */
export function spanned(
  net: Net,
  { images, labels }: Distilled,
  w0: readonly Tensor[],
  innerSteps: number,
): Inner | undefined {
  const [first, second] = net.layers;
  const [m, ...pixels] = images.shape as [number, ...number[]];
  const features = pixels.reduce((a, b) => a * b, 1);
  if (first?.layer !== 'flatten' || second?.layer !== 'dense' || m >= features || innerSteps < 2)
    return undefined;
  const [kernel, bias, ...later] = w0 as [Tensor, Tensor, ...Tensor[]];
  const rows = reshape(images, [m, features]);
  const gram = add(matmul(rows, rows, { transposeB: true }), scalar(1));
  const first0 = add(matmul(rows, kernel), bias);
  return {
    start: [expand(scalar(0), [m, second.units]), ...later],
    step: ([c, ...rest], eta) => {
      const outputs = add(first0, matmul(gram, c!));
      const logits = forwardFrom(net, 2, { layout: 'rows', tensor: outputs }, [second.units], rest);
      return gradient(crossEntropy(logits, labels), [outputs, ...rest]).map((g, i) =>
        sub([c!, ...rest][i]!, mul(eta, g)),
      );
    },
    weights: ([c, ...rest]) => [
      add(kernel, matmul(rows, c!, { transposeA: true })),
      add(bias, sumTo(c!, bias.shape)),
      ...rest,
    ],
  };
}
