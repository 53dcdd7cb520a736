/** @file Outer optimisers: two pure functions over plain data, so a checkpoint of one is its state. */

export type OptimiserName = 'adam' | 'sgd';

/** First and second moments, shaped as the parameters; empty for SGD. */
export interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];

export const initialMoments = (name: OptimiserName, size: number): Moments => {
  const length = name === 'adam' ? size : 0;
  return { first: new Float64Array(length), second: new Float64Array(length) };
};

/** One update of `parameters` against `gradient` at outer step `step` (from 0). sgd: θ ← θ − lr·g. adam: Kingma & Ba (2015), algorithm 1, with
 *  β = (0.9, 0.999), ε = 1e-8. Float64 inside, rounded to float32 once. */
export function update(
  name: OptimiserName,
  parameters: Float32Array,
  gradient: Float64Array,
  moments: Moments,
  lr: number,
  step: number,
): { parameters: Float32Array; moments: Moments } {
  const size = parameters.length;
  const moved = new Float32Array(size);
  if (name === 'sgd') {
    for (let i = 0; i < size; i++) moved[i] = parameters[i]! - lr * gradient[i]!;
    return { parameters: moved, moments };
  }
  const { first: first0, second: second0 } = moments;
  const [first, second] = [new Float64Array(size), new Float64Array(size)];
  const [unbias1, unbias2] = [1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)];
  for (let i = 0; i < size; i++) {
    const g = gradient[i]!;
    const m = beta1 * first0[i]! + (1 - beta1) * g;
    const v = beta2 * second0[i]! + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    moved[i] = parameters[i]! - (lr * (m / unbias1)) / (Math.sqrt(v / unbias2) + epsilon);
  }
  return { parameters: moved, moments: { first, second } };
}

/** Share of the outer step size at `step` of `steps`: 1 throughout, or half a cosine from 1 to 0 (Loshchilov & Hutter 2017, without restarts). */
export const scheduled = (schedule: 'cosine' | 'constant', step: number, steps: number): number =>
  schedule === 'constant' ? 1 : (1 + Math.cos((Math.PI * step) / steps)) / 2;
