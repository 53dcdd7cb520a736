/** @file The way back through the inner steps, last first. In: the trace of one step, w_0 … w_{N−1}, v = ∂l/∂w_N. Out: ∂l/∂w_0 and what reaches x̃, ỹ, η̃ and λ.
 *  Between inner steps the graph is cut and the chain is walked by hand, so memory is N weight vectors and one step's activations.
 *  Knows graph; no net, loss or engine. Source: Markov 2020, eq. 4–6, with g_k = w_{k+1} − w_k:
 *
 *      for k = N−1 … 0:   ∂x̃ += vᵀ ∂g_k/∂x̃     ∂η̃_k = vᵀ ∂g_k/∂η̃     ∂ỹ += vᵀ ∂g_k/∂ỹ     v += vᵀ ∂g_k/∂w                              */
import {
  add,
  dependents,
  expand,
  frontier,
  type Input,
  input,
  type Op,
  operands,
  scalar,
  scan,
  simplified,
  sizeOf,
  substitute,
  type Tensor,
  topological,
  vjp,
} from '../graph/index.ts';
import type { Inner } from './problem.ts';

/** One inner step and its vjp, written once on stand-ins for w_k, the slices of step k (η̃_k and its like) and v. */
export interface StepTrace {
  readonly weights: readonly Input[];
  readonly slices: readonly Input[];
  readonly v: readonly Input[];
  /** All that the step takes from x̃ and ỹ: tensors that are the same in every step, such as the windows of x̃ for a convolution. Gradients are
   *  gathered here over the steps and carried on to x̃ and ỹ once. */
  readonly invariants: readonly Tensor[];
  /** Their stand-ins. */
  readonly constants: readonly Input[];
  /** w_{k+1}. */
  readonly next: readonly Tensor[];
  /** Cotangents of w_k, the slices and the constants, given v. */
  readonly pulled: readonly Tensor[];
  /** Small values of the step that its vjp uses again: stored on the way forward, read on the way back. */
  readonly kept: readonly Tensor[];
}

/** Values of up to this share of the weights' size are kept in any case: N steps then store little more than N weight vectors. */
const keptShare = 1 / 8;

/** Larger ones are kept while all N stacks of them together have up to so many numbers (32 MB), but not where they cost little to compute from what is kept. */
const keptNumbers = 2 ** 23;

/** Operations that repeat, move or leave out numbers. */
const moves: ReadonlySet<Op> = new Set<Op>(['expand', 'reshape', 'transpose', 'slice', 'pad', 'patches']);

/** Operations that cost no more than reading their result from memory. */
const cheap: ReadonlySet<Op> = new Set<Op>([...moves, 'add', 'sub', 'mul', 'neg', 'greater']);

export function traceStep(inner: Inner): StepTrace {
  const weights = inner.start.map((t, i) => input(`w${i}`, t.shape));
  const v = inner.start.map((t, i) => input(`v${i}`, t.shape));
  const slices = inner.scanned.map((t, i) => input(`slice${i}`, t.shape.slice(1)));
  const step = inner.step(weights, slices);
  const invariants = frontier([...weights, ...slices], step);
  const constants = invariants.map((t, i) => input(`constant${i}`, t.shape));
  const next = substitute(step, new Map<Tensor, Tensor>(invariants.map((t, i) => [t, constants[i]!])));
  const pulled = vjp(next, v, [...weights, ...slices, ...constants]);
  const { outputs } = simplified({
    inputs: [...weights, ...slices, ...constants, ...v],
    outputs: [...next, ...pulled],
  });
  const trace = {
    weights,
    slices,
    v,
    invariants,
    constants,
    next: outputs.slice(0, next.length),
    pulled: outputs.slice(next.length),
  };
  return { ...trace, kept: valuesToKeep(trace, lengthOf(inner.scanned)) };
}

/** N inner steps forward: w_N, and the stacks of w_0 … w_{N−1} and of the kept values. */
export function stepsForward(
  trace: StepTrace,
  { start, scanned }: Inner,
): { last: readonly Tensor[]; passed: readonly Tensor[] } {
  const { carried, stacked } = scan(
    { length: lengthOf(scanned), init: start, scanned },
    (weights, slices) => {
      const results = substitute([...trace.next, ...trace.kept], bind(trace, weights, slices));
      return {
        carried: results.slice(0, start.length),
        stacked: [...weights, ...results.slice(start.length)],
      };
    },
  );
  return { last: carried, passed: stacked };
}

/** The way back from v = ∂l/∂w_N. @returns cotangents of w_0, of the stacks in `scanned` and of the trace's invariants. */
export function stepsBack(
  trace: StepTrace,
  { scanned }: Inner,
  passed: readonly Tensor[],
  v: readonly Tensor[],
): Record<'start' | 'scanned' | 'invariants', readonly Tensor[]> {
  const zeros = trace.invariants.map(t => expand(scalar(0), t.shape));
  const [w, s] = [v.length, scanned.length];
  const { carried, stacked } = scan(
    {
      length: lengthOf(scanned),
      reverse: true,
      init: [...v, ...zeros],
      scanned: [...scanned, ...passed],
    },
    (vAndSums, slicesAndStored) => {
      const bound = bind(trace, slicesAndStored.slice(s, s + w), slicesAndStored.slice(0, s));
      trace.v.forEach((t, i) => bound.set(t, vAndSums[i]!));
      trace.kept.forEach((t, i) => bound.set(t, slicesAndStored[s + w + i]!));
      const results = substitute(trace.pulled, bound);
      const sums = results.slice(w + s).map((g, i) => add(vAndSums[w + i]!, g));
      return { carried: [...results.slice(0, w), ...sums], stacked: results.slice(w, w + s) };
    },
  );
  return { start: carried.slice(0, w), scanned: stacked, invariants: carried.slice(w) };
}

/** N. */
const lengthOf = (scanned: readonly Tensor[]): number => scanned[0]!.shape[0]!;

/** Where the way back meets the way forward: results of the step that its vjp reads. */
function valuesToKeep(
  { weights, slices, next, pulled }: Omit<StepTrace, 'kept'>,
  innerSteps: number,
): Tensor[] {
  const order = topological(next);
  const forward = dependents(order, [...weights, ...slices]);
  const limit = keptShare * weights.reduce((total, t) => total + sizeOf(t.shape), 0);
  const read = new Set(
    topological(pulled)
      .filter(t => !order.includes(t))
      .flatMap(t => operands(t)),
  );
  const sources = new Set(order.filter(t => forward.has(t) && read.has(t)).map(source));
  const wanted = order.filter(t => t.kind === 'apply' && sources.has(t));
  const kept = new Set(wanted.filter(t => sizeOf(t.shape) <= limit));
  const isCheap = (t: Tensor): boolean =>
    kept.has(t) ||
    !forward.has(t) ||
    t.kind === 'input' ||
    (t.kind === 'apply' && cheap.has(t.primitive.op) && t.inputs.every(isCheap));
  let room = keptNumbers;
  for (const t of wanted) {
    const size = innerSteps * sizeOf(t.shape);
    if (isCheap(t) || size > room) continue;
    room -= size;
    kept.add(t);
  }
  return wanted.filter(t => kept.has(t));
}

/** What `t` is only moved from, as far back as that is no larger: maps instead of all windows of them. */
const source = (t: Tensor): Tensor =>
  t.kind === 'apply' && moves.has(t.primitive.op) && sizeOf(t.inputs[0]!.shape) <= sizeOf(t.shape)
    ? source(t.inputs[0]!)
    : t;

/** What stands for what in iteration k. */
const bind = (
  trace: StepTrace,
  weightsK: readonly Tensor[],
  slicesK: readonly Tensor[],
): Map<Tensor, Tensor> =>
  new Map<Tensor, Tensor>([
    ...trace.weights.map((t, i) => [t, weightsK[i]!] as const),
    ...trace.constants.map((t, i) => [t, trace.invariants[i]!] as const),
    ...trace.slices.map((t, i) => [t, slicesK[i]!] as const),
  ]);
