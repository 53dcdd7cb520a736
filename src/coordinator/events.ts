/** @file What a run tells while it goes on. Plain data: the CLI prints it as JSON lines. */
import type { AccuracyOver } from './judge.ts';

export type RunEvent =
  | { readonly type: 'start'; readonly steps: number; readonly members: readonly string[]; readonly workers: number; readonly transport: string }
  /** After an outer step: `loss` in nats, mean over members and batch; `eta` after the clamp, one or N; `norms` of the mean gradient; `ms` for the whole step. */
  | {
      readonly type: 'step';
      readonly step: number;
      readonly loss: number;
      readonly eta: readonly number[];
      readonly norms: { readonly images: number; readonly labels: number; readonly eta: number };
      readonly ms: number;
    }
  /** Accuracy on held-out training images; `best` is the step of the best checkpoint so far. */
  | { readonly type: 'validation'; readonly step: number; readonly accuracy: AccuracyOver; readonly best: number }
  /** The chosen checkpoint meets the test images. */
  | { readonly type: 'testing'; readonly nets: number; readonly checkpoint: number }
  /** Something a person should know; no result depends on it. */
  | { readonly type: 'notice'; readonly message: string };
