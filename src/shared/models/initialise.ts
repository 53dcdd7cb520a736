/** @file Draws of w_0, the weights a network starts from. Float64 inside, rounded to float32 once. Knows shapes and streams; no layer, no loss. */
import { sizeOf } from '../graph/index.ts';
import type { Stream } from '../random/index.ts';
import type { Net, WeightSpec } from './net.ts';
import { orthogonal } from './orthogonal.ts';

/** p(w; μ, σ): `normal` and `truncated-normal` (redrawn beyond 2σ) hold for kernels and biases; `xavier` is uniform in ±√(6/(fan-in + fan-out))
 *  (Glorot & Bengio 2010, eq. 16), `he` is normal with σ = √(2/fan-in) (He et al. 2015, eq. 10), `orthogonal` makes each kernel, as a matrix (fan-in, out),
 *  one with orthonormal rows or columns (Saxe et al. 2014), all three with zero biases. A norm starts as a norm in each of them: scale 1, shift 0. */
export type Distribution = 'normal' | 'truncated-normal' | 'xavier' | 'he' | 'orthogonal';

export interface Initialisation {
  readonly kind: Distribution;
  readonly mu: number;
  readonly sigma: number;
}

/** w_0 as a flat vector (P); all of `flat` is written. */
export function drawWeights(
  net: Net,
  { kind, mu, sigma }: Initialisation,
  random: Stream,
  flat: Float32Array = new Float32Array(net.weightCount),
): Float32Array {
  for (const spec of net.weights) {
    const part = flat.subarray(spec.offset, spec.offset + sizeOf(spec.shape));
    if (spec.role === 'scale' || spec.role === 'shift') {
      part.fill(spec.role === 'scale' ? 1 : 0);
      continue;
    }
    if (kind === 'normal') for (let i = 0; i < part.length; i++) part[i] = mu + sigma * random.normal();
    else if (kind === 'truncated-normal')
      for (let i = 0; i < part.length; i++) part[i] = truncatedNormal(mu, sigma, random);
    else if (spec.role === 'bias') part.fill(0);
    else if (kind === 'orthogonal')
      part.set(orthogonal(sizeOf(spec.shape.slice(0, -1)), spec.shape.at(-1)!, random));
    else drawScaled(part, kind, fans(spec), random);
  }
  return flat;
}

/** Normal(μ, σ) redrawn until it lies within μ ± 2σ. */
export function truncatedNormal(mu: number, sigma: number, random: Stream): number {
  for (;;) {
    const z = random.normal();
    if (Math.abs(z) <= 2) return mu + sigma * z;
  }
}

function drawScaled(
  part: Float32Array,
  kind: 'xavier' | 'he',
  [fanIn, fanOut]: readonly [number, number],
  random: Stream,
): void {
  if (kind === 'xavier') {
    random.fillSymmetric(part, Math.sqrt(6 / (fanIn + fanOut)));
    return;
  }
  const sigma = Math.sqrt(2 / fanIn);
  for (let i = 0; i < part.length; i++) part[i] = sigma * random.normal();
}

/** Inputs and outputs of one unit, times the receptive field for kernels (kh, kw, in, out). */
function fans({ shape }: WeightSpec): readonly [number, number] {
  const field = sizeOf(shape.slice(0, -2));
  return [field * shape.at(-2)!, field * shape.at(-1)!];
}
