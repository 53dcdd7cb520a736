/** @file The terms of the inner problem. */
import type { Tensor } from '../graph/index.ts';

/** The inner problem in coordinates s of the weights: `start` is w_0, `step` goes from w_k to w_{k+1}, `weights` gives w_k itself. */
export interface Inner {
  readonly start: readonly Tensor[];
  /** Tensors (N, …) of which inner step k sees slice k: step sizes, and images where each step has its own. */
  readonly scanned: readonly Tensor[];
  step(s: readonly Tensor[], slices: readonly Tensor[]): readonly Tensor[];
  weights(s: readonly Tensor[]): readonly Tensor[];
}

/** The distilled images and labels that one inner step sees: x̃ (m, H, W, C) as the network sees them, ỹ (m, K). */
export interface Distilled {
  readonly images: Tensor;
  readonly labels: Tensor;
}

/** How far inner step k goes: η̃_k and, where the steps forget, λ_k; each () or (L), one per layer that has weights. */
export interface Pace {
  readonly eta: Tensor;
  readonly decay?: Tensor | undefined;
}
