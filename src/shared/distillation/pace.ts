/** @file How far an inner step goes in each layer. */
import { mul, reshape, scalar, slice, sub, type Tensor } from '../graph/index.ts';
import type { Pace } from './problem.ts';

/** The part of a pace that is one layer's: both (). */
export const paceOfLayer = ({ eta, decay }: Pace, layer: number): Pace => ({
  eta: element(eta, layer),
  decay: decay && element(decay, layer),
});

/** One step of a layer's weights: (1 − λ) w − η̃ g. */
export const moved = (w: Tensor, g: Tensor, { eta, decay }: Pace): Tensor => sub(kept(w, decay), mul(eta, g));

/** What a step keeps of the weights: (1 − λ) w. */
export const kept = (w: Tensor, decay: Tensor | undefined): Tensor =>
  decay === undefined ? w : mul(sub(scalar(1), decay), w);

const element = (t: Tensor, i: number): Tensor =>
  t.shape.length === 0 ? t : reshape(slice(t, [i], [1]), []);
