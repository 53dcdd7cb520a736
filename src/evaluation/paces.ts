/** @file Step sizes of the inner steps that a baseline may have. In: the distilled set's own. Out: those, and a small grid of single ones. */
import type { DistilledState } from '../shared/messages/index.ts';

/** η̃ and λ as workers take them. */
export interface Pace extends Pick<DistilledState, 'eta' | 'decay'> {
  /** The one step size of all steps, without decay; or the distilled set's own η̃ and λ. */
  readonly name: number | 'shipped';
}

/** Single step sizes that are tried, half a decade apart. */
export const stepSizes = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;

export const shippedPace = ({ eta, decay }: Pick<DistilledState, 'eta' | 'decay'>): Pace => ({
  eta,
  decay,
  name: 'shipped',
});

/** The shipped pace, then each single step size with λ = 0. What was learned for x̃ need not suit other images: with it alone they would be handicapped. */
export const pacesBeside = (shipped: Pace): Pace[] => [
  shipped,
  ...stepSizes.map(size => ({
    eta: new Float32Array(shipped.eta.length).fill(size),
    decay: new Float32Array(shipped.decay.length),
    name: size,
  })),
];
