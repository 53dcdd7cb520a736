/** @file The terms of the inner problem. */
import type { Tensor } from '../graph/index.ts';

/** The inner problem in coordinates s of the weights: `start` is w_0, `step` goes from w_k to w_{k+1}, `weights` gives w_k itself. */
export interface Inner {
  readonly start: readonly Tensor[];
  step(s: readonly Tensor[], eta: Tensor): readonly Tensor[];
  weights(s: readonly Tensor[]): readonly Tensor[];
}

/** The distilled set as the inner steps use it: images x̃ (M, H, W, C) as the network sees them, labels ỹ (M, K). */
export interface Distilled {
  readonly images: Tensor;
  readonly labels: Tensor;
}
