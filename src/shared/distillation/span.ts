/** @file A dense layer that is fed by x̃ itself, in the coordinates of the span of x̃. Its gradient is always x̃ᵀ δ, so w_k = ρ_k w_0 + x̃ᵀ c_k with c (M, units) small
 *  and a number ρ, and its outputs x̃·w_k + b_k = ρ_k (x̃·w_0 + b_0) + K c_k need only the Gram matrix K = x̃x̃ᵀ + 1 (the 1 is the bias). The inner steps never
 *  touch w; ρ = 1 where they do not forget. The same steps as inner.ts, up to rounding; measured in docs/decisions/0004. */
import { add, expand, gradient, matmul, mul, reshape, scalar, sumTo, type Tensor } from '../graph/index.ts';
import { forwardFrom, type Net } from '../models/index.ts';
import { losses } from './loss.ts';
import { kept, moved, paceOfLayer } from './pace.ts';
import type { Inner } from './problem.ts';
import { layerNumbers, type Schedule } from './schedule.ts';
import type { DistilledInputs, Sequence } from './sequence.ts';

/** The inner problem in span coordinates s = [c, ρ if the steps forget, later weights …], or undefined where they do not apply: the net must begin
 *  flatten → dense with a bias, all steps draw on the same images, fewer than features, and a single step would gain nothing. */
export function spanned(
  net: Net,
  { images, labels, decay }: DistilledInputs,
  w0: readonly Tensor[],
  { order, innerSteps, loss }: Schedule,
  sequence: Sequence,
): Inner | undefined {
  const [first, second] = net.layers;
  const [m, ...pixels] = images.shape as [number, ...number[]];
  const features = pixels.reduce((a, b) => a * b, 1);
  if (first?.layer !== 'flatten' || second?.layer !== 'dense' || second.bias === false) return undefined;
  if (m >= features || order.kind === 'steps' || innerSteps < 2) return undefined;
  const [kernel, bias, ...later] = w0 as [Tensor, Tensor, ...Tensor[]];
  const rows = reshape(images, [m, features]);
  const gram = add(matmul(rows, rows, { transposeB: true }), scalar(1));
  const first0 = add(matmul(rows, kernel, { transposeB: true }), bias);
  const layers = layerNumbers(net);
  const split = (s: readonly Tensor[]): { c: Tensor; rho: Tensor | undefined; rest: readonly Tensor[] } => ({
    c: s[0]!,
    rho: decay && s[1],
    rest: s.slice(decay ? 2 : 1),
  });
  const times = (rho: Tensor | undefined, t: Tensor): Tensor => (rho === undefined ? t : mul(rho, t));
  return {
    start: [expand(scalar(0), [m, second.units]), ...(decay ? [scalar(1)] : []), ...later],
    scanned: sequence.scanned,
    step: (s, slices) => {
      const { c, rho, rest } = split(s);
      const { pace, select } = sequence.at(slices);
      const outputs = add(times(rho, first0), matmul(gram, c));
      const seen = (t: Tensor): Tensor => (select === undefined ? t : matmul(select, t));
      const logits = forwardFrom(net, 2, { layout: 'rows', tensor: seen(outputs) }, [second.units], rest);
      const [delta, ...others] = gradient(losses[loss](logits, seen(labels)), [outputs, ...rest]);
      const own = paceOfLayer(pace, 0);
      return [
        moved(c, delta!, own),
        ...(rho === undefined ? [] : [kept(rho, own.decay)]),
        ...others.map((g, i) => moved(rest[i]!, g, paceOfLayer(pace, layers[i + 2]!))),
      ];
    },
    weights: s => {
      const { c, rho, rest } = split(s);
      return [
        add(times(rho, kernel), matmul(c, rows, { transposeA: true })),
        add(times(rho, bias), sumTo(c, bias.shape)),
        ...rest,
      ];
    },
  };
}
