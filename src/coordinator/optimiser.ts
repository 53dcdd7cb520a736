/** @file Outer optimisers: two pure functions over plain data, so a checkpoint of one is its state. */

export type OptimiserName = 'adam' | 'sgd';

/** What an optimiser remembers of one parameter array. */
export interface Moments {
  /** First and second moments, shaped as the parameters; empty for SGD. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Exponential mean of the gradient's norm; 0 before the first step. */
  readonly usualNorm: number;
}

/** How one update is made. */
export interface Rule {
  readonly optimizer: OptimiserName;
  readonly lr: number;
  /** A gradient longer than this many times its usual norm is cut to that length; 0 cuts none. */
  readonly clip: number;
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
/** Of the usual norm: 0.9 as in RaT-BPTT (Feng et al. 2023). */
const memory = 0.9;

export const initialMoments = (name: OptimiserName, size: number): Moments => {
  const length = name === 'adam' ? size : 0;
  return { first: new Float64Array(length), second: new Float64Array(length), usualNorm: 0 };
};

/** One update of `parameters` against `gradient` at outer step `step` (from 0). sgd: θ ← θ − lr·g. adam: Kingma & Ba (2015), algorithm 1, with
 *  β = (0.9, 0.999), ε = 1e-8. The gradient is clipped first. Float64 inside, rounded to float32 once. */
export function update(
  parameters: Float32Array,
  gradient: Float64Array,
  moments: Moments,
  { optimizer, lr, clip }: Rule,
  step: number,
): { parameters: Float32Array; moments: Moments } {
  const size = parameters.length;
  const moved = new Float32Array(size);
  const { share, usualNorm } = clipping(norm(gradient), moments.usualNorm, clip);
  if (optimizer === 'sgd') {
    for (let i = 0; i < size; i++) moved[i] = parameters[i]! - lr * share * gradient[i]!;
    return { parameters: moved, moments: { ...moments, usualNorm } };
  }
  const { first: first0, second: second0 } = moments;
  const [first, second] = [new Float64Array(size), new Float64Array(size)];
  const [unbias1, unbias2] = [1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)];
  for (let i = 0; i < size; i++) {
    const g = share * gradient[i]!;
    const m = beta1 * first0[i]! + (1 - beta1) * g;
    const v = beta2 * second0[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    moved[i] = parameters[i]! - (lr * (m / unbias1)) / (Math.sqrt(v / unbias2) + epsilon);
  }
  return { parameters: moved, moments: { first, second, usualNorm } };
}

/** The share of a gradient of length `length` that is used, and the usual norm after it. */
function clipping(length: number, usual: number, clip: number): { share: number; usualNorm: number } {
  if (usual === 0) return { share: 1, usualNorm: length };
  const used = clip > 0 ? Math.min(length, clip * usual) : length;
  return { share: length > used ? used / length : 1, usualNorm: memory * usual + (1 - memory) * used };
}

/** Euclidean norm. */
export function norm(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]! * values[i]!;
  return Math.sqrt(total);
}

/** Share of the outer step size at `step` of `steps`: 1 throughout, or half a cosine from 1 to 0 (Loshchilov & Hutter 2017, without restarts). */
export const scheduled = (schedule: 'cosine' | 'constant', step: number, steps: number): number =>
  schedule === 'constant' ? 1 : (1 + Math.cos((Math.PI * step) / steps)) / 2;
