/** @file The coordinator's state: the distilled set, the optimiser's moments, the step. A value: each step replaces it. */
import type { Config, Plan } from '../shared/config/index.ts';
import type { DistilledState, Gradient } from '../shared/messages/index.ts';
import { truncatedNormal } from '../shared/models/index.ts';
import { stream } from '../shared/random/index.ts';
import { initialMoments, type Moments, scheduled, update } from './optimiser.ts';

/** What is optimised. */
type Part = 'images' | 'labels' | 'eta';

export interface State extends DistilledState {
  /** Outer steps done. */
  readonly step: number;
  readonly moments: Readonly<Record<Part, Moments>>;
}

/** Where a run starts: x̃ from a truncated normal, ỹ one-hot (the classes in order, `imagesPerClass` times each), η̃ as configured. */
export function initialState(config: Config, { sizes, classes }: Plan): State {
  const random = stream(config.seed, 'images');
  const images = Float32Array.from({ length: sizes.images }, () =>
    truncatedNormal(config.imageMu, config.imageSigma, random),
  );
  const labels = new Float32Array(sizes.labels);
  for (let m = 0; m < sizes.labels / classes; m++)
    labels[m * classes + Math.floor(m / config.imagesPerClass)] = 1;
  const eta = new Float32Array(sizes.eta).fill(config.eta);
  const moments = (part: Part): Moments => initialMoments(config.optimizer, sizes[part]);
  return {
    step: 0,
    images,
    labels,
    eta,
    moments: { images: moments('images'), labels: moments('labels'), eta: moments('eta') },
  };
}

/** The mean over the ensemble, in member order, in float64. */
export interface MeanGradient extends Readonly<Record<Part, Float64Array>> {
  readonly loss: number;
}

export function mean(gradients: readonly Gradient[]): MeanGradient {
  const average = (part: Part): Float64Array => meanOf(gradients.map(g => g[part]));
  const loss = gradients.reduce((total, g) => total + g.loss, 0) / gradients.length;
  return { loss, images: average('images'), labels: average('labels'), eta: average('eta') };
}

function meanOf(arrays: readonly Float32Array[]): Float64Array {
  const total = new Float64Array(arrays[0]!.length);
  for (const values of arrays) for (let i = 0; i < total.length; i++) total[i]! += values[i]!;
  for (let i = 0; i < total.length; i++) total[i]! /= arrays.length;
  return total;
}

/** One outer step: the optimiser's update of x̃, η̃ and, where they are learned, ỹ; then η̃ clamped to [etaMin, etaMax]. */
export function advance(state: State, gradient: MeanGradient, config: Config, steps: number): State {
  const share = scheduled(config.lrSchedule, state.step, steps);
  const updated = (part: Part, lr: number): ReturnType<typeof update> =>
    update(state[part], gradient[part], state.moments[part], { ...config, lr: lr * share }, state.step);
  const images = updated('images', config.lr);
  const eta = updated('eta', config.lrEta);
  const labels = config.learnLabels
    ? updated('labels', config.lrLabels)
    : { parameters: state.labels, moments: state.moments.labels };
  return {
    step: state.step + 1,
    images: images.parameters,
    labels: labels.parameters,
    eta: eta.parameters.map(v => Math.min(Math.max(v, config.etaMin), config.etaMax)),
    moments: { images: images.moments, labels: labels.moments, eta: eta.moments },
  };
}
