/** @file The coordinator's state: the distilled set, the optimiser's moments, the step. A value: each step replaces it. */
import type { Config, Plan } from '../shared/config/index.ts';
import { type DistilledState, type Gradient, type Part, parts } from '../shared/messages/index.ts';
import { truncatedNormal } from '../shared/models/index.ts';
import { stream } from '../shared/random/index.ts';
import { initialMoments, type Moments, scheduled, update } from './optimiser.ts';

export interface State extends DistilledState {
  /** Outer steps done. */
  readonly step: number;
  readonly moments: Readonly<Record<Part, Moments>>;
}

/** Where a run starts: x̃ from a truncated normal, ỹ by `initialLabels`, η̃ as configured, λ = 0. */
export function initialState(config: Config, { sizes, classes, schedules }: Plan): State {
  const random = stream(config.seed, 'images');
  const images = Float32Array.from({ length: sizes.images }, () =>
    truncatedNormal(config.imageMu, config.imageSigma, random),
  );
  const { order } = Object.values(schedules)[0]!;
  const labels = initialLabels(sizes.labels / classes, classes, order.kind === 'steps' ? order.steps : 1);
  const eta = new Float32Array(sizes.eta).fill(config.eta);
  const decay = new Float32Array(sizes.decay);
  return {
    step: 0,
    images,
    labels,
    eta,
    decay,
    moments: of(part => initialMoments(config.optimizer, sizes[part])),
  };
}

/** ỹ (M, K) of M images in `cuts` equal parts: in each part the classes in order, as often as each fits; with fewer images than classes an image shares its label
 *  among the classes that fall to it (Sucholutsky & Schonlau 2019 start so). */
export function initialLabels(m: number, classes: number, cuts: number): Float32Array {
  const labels = new Float32Array(m * classes);
  const part = m / cuts;
  for (let i = 0; i < m; i++) {
    const own = [...new Array(classes).keys()].filter(c => Math.floor((c * part) / classes) === i % part);
    const hit = own.length > 0 ? own : [Math.floor(((i % part) * classes) / part)];
    for (const c of hit) labels[i * classes + c] = 1 / hit.length;
  }
  return labels;
}

/** The mean over the ensemble, in member order, in float64. */
export interface MeanGradient extends Readonly<Record<Part, Float64Array>> {
  readonly loss: number;
}

export function mean(gradients: readonly Gradient[]): MeanGradient {
  const loss = gradients.reduce((total, g) => total + g.loss, 0) / gradients.length;
  return { loss, ...of(part => meanOf(gradients.map(g => g[part]))) };
}

function meanOf(arrays: readonly Float32Array[]): Float64Array {
  const total = new Float64Array(arrays[0]!.length);
  for (const values of arrays) for (let i = 0; i < total.length; i++) total[i]! += values[i]!;
  for (let i = 0; i < total.length; i++) total[i]! /= arrays.length;
  return total;
}

/** One outer step: the optimiser's update of x̃, η̃ and, where they are learned, ỹ and λ; then η̃ clamped to [etaMin, etaMax] and λ to [0, 1]. */
export function advance(state: State, gradient: MeanGradient, config: Config, steps: number): State {
  const share = scheduled(config.lrSchedule, state.step, steps);
  const lr = { images: config.lr, labels: config.lrLabels, eta: config.lrEta, decay: config.lrDecay };
  const updated = of(part =>
    part === 'labels' && !config.learnLabels
      ? { parameters: state.labels, moments: state.moments.labels }
      : update(
          state[part],
          gradient[part],
          state.moments[part],
          { ...config, lr: lr[part] * share },
          state.step,
        ),
  );
  const parameters = of(part => updated[part].parameters);
  return {
    ...parameters,
    step: state.step + 1,
    eta: clamped(parameters.eta, config.etaMin, config.etaMax),
    decay: clamped(parameters.decay, 0, 1),
    moments: of(part => updated[part].moments),
  };
}

const clamped = (values: Float32Array, min: number, max: number): Float32Array =>
  values.map(v => Math.min(Math.max(v, min), max));

/** One value for each part. */
const of = <T>(value: (part: Part) => T): Record<Part, T> =>
  Object.fromEntries(parts.map(part => [part, value(part)])) as Record<Part, T>;
