/** @file The way back through the inner steps, last first. In: the trace of one step, w_0 … w_{N−1}, v = ∂l/∂w_N. Out: ∂l/∂w_0, ∂l/∂η̃ and what reaches x̃ and ỹ.
 *  Between inner steps the graph is cut and the chain is walked by hand, so memory is N weight vectors and one step's activations.
 *  Knows graph; no net, loss or engine. Source: Markov 2020, eq. 4–6, with g_k = w_{k+1} − w_k:
 *
 *      for k = N−1 … 0:   ∂x̃ += vᵀ ∂g_k/∂x̃     ∂η̃_k = vᵀ ∂g_k/∂η̃     ∂ỹ += vᵀ ∂g_k/∂ỹ     v += vᵀ ∂g_k/∂w                              */
import { add, expand, frontier, type Input, input, type Item, scalar, scan, substitute, type Tensor, vjp } from '../graph/index.ts';
import type { Inner } from './problem.ts';

/** One inner step, written once on stand-ins for w_k and η̃_k. */
export interface StepTrace {
  readonly weights: readonly Input[];
  readonly eta: Input;
  readonly next: readonly Tensor[];
  /** All that the step takes from x̃ and ỹ: tensors that are the same in every step, such as the windows of x̃ for a convolution. Gradients are
   *  gathered here over the steps and carried on to x̃ and ỹ once. */
  readonly invariants: readonly Tensor[];
  /** Their stand-ins in `next`. */
  readonly constants: readonly Input[];
}

export function traceStep(inner: Inner): StepTrace {
  const weights = inner.start.map((t, i) => input(`w${i}`, t.shape));
  const eta = input('eta', []);
  const step = inner.step(weights, eta);
  const invariants = frontier([...weights, eta], step);
  const constants = invariants.map((t, i) => input(`constant${i}`, t.shape));
  const next = substitute(step, new Map<Tensor, Tensor>(invariants.map((t, i) => [t, constants[i]!])));
  return { weights, eta, next, invariants, constants };
}

/** N inner steps forward: w_N, and the stacks of w_0 … w_{N−1}. */
export function stepsForward(trace: StepTrace, start: readonly Tensor[], etas: Tensor): { last: readonly Item[]; passed: readonly Item[] } {
  const { carried, stacked } = scan({ length: etas.shape[0]!, init: start, scanned: [etas] }, (weights, [eta]) => ({
    carried: substitute(trace.next, bind(trace, weights, eta!)),
    stacked: weights,
  }));
  return { last: carried, passed: stacked };
}

/** The way back from v = ∂l/∂w_N. @returns cotangents of w_0, of η̃ (N) and of the trace's invariants. */
export function stepsBack(
  trace: StepTrace,
  passed: readonly Tensor[],
  etas: Tensor,
  v: readonly Tensor[],
): { start: readonly Tensor[]; etas: Tensor; invariants: readonly Tensor[] } {
  const { weights, eta, next, invariants, constants } = trace;
  const standIns = v.map((t, i) => input(`v${i}`, t.shape));
  const pulled = vjp(next, standIns, [...weights, eta, ...constants]);
  const zeros = invariants.map(t => expand(scalar(0), t.shape));
  const { carried, stacked } = scan(
    { length: etas.shape[0]!, reverse: true, init: [...v, ...zeros], scanned: [etas, ...passed] },
    (vAndSums, [etaK, ...weightsK]) => {
      const bound = bind(trace, weightsK, etaK!);
      standIns.forEach((t, i) => bound.set(t, vAndSums[i]!));
      const results = substitute(pulled, bound);
      const sums = results.slice(v.length + 1).map((g, i) => add(vAndSums[v.length + i]!, g));
      return { carried: [...results.slice(0, v.length), ...sums], stacked: [results[v.length]!] };
    },
  );
  return { start: carried.slice(0, v.length), etas: stacked[0]!, invariants: carried.slice(v.length) };
}

/** What stands for what in iteration k. */
const bind = (trace: StepTrace, weightsK: readonly Tensor[], etaK: Tensor): Map<Tensor, Tensor> =>
  new Map<Tensor, Tensor>([
    ...trace.weights.map((t, i) => [t, weightsK[i]!] as const),
    ...trace.constants.map((t, i) => [t, trace.invariants[i]!] as const),
    [trace.eta, etaK],
  ]);
