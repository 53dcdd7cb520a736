/** @file What a comparison says, as plain data: the content of evaluate's JSON. All accuracies are shares in [0, 1] on the test images. */
import type { AccuracyOver } from '../coordinator/judge.ts';
import type { Poisoning } from '../coordinator/verdict.ts';

/** How networks learn from a set. `schedule`: N inner steps with step sizes of its own · `converged`: SGD with momentum until the loss stops falling. */
export type Protocol = 'schedule' | 'converged';

/** `distilled`: the set · `random`: real images, drawn anew for each network · `best-random`: the best of several draws · `class-means` and `k-means`: images made of
 *  all real ones · `full`: all real images, without the set · `before`: networks from a file, before they learn anything. */
export type RowName = 'distilled' | 'random' | 'best-random' | 'class-means' | 'k-means' | 'full' | 'before';

/** How well networks that learned from one set of images take the test images for what they are. */
export interface Row {
  readonly name: RowName;
  readonly accuracy: AccuracyOver;
  /** For each class the share of its images that is taken for it, mean over the networks; null where there are none. */
  readonly perClass: readonly (number | null)[];
  /** The step size of all inner steps, without decay, or the distilled set's own η̃ and λ: chosen by validation. Absent where there was no choice. */
  readonly pace?: number | 'shipped';
}

/** One architecture under one protocol. */
export interface Table {
  readonly architecture: string;
  readonly protocol: Protocol;
  /** The distilled set first. */
  readonly rows: readonly Row[];
  /** Mean accuracy of the distilled set minus that of random real images. */
  readonly overRandom?: number;
  /** Of a set with an attack, instead of a comparison: before and after the networks learn from it. */
  readonly attack?: { readonly before: Poisoning; readonly after: Poisoning };
}

/** Nearest neighbours; `nets` of their accuracy counts draws. */
export interface Neighbours {
  readonly name: 'random' | 'class-means';
  readonly accuracy: AccuracyOver;
  readonly perClass: readonly (number | null)[];
}

/** A distilled set beside its baselines, all of the same number of images. */
export interface Comparison {
  readonly dataset: string;
  readonly classNames: readonly string[];
  /** M. */
  readonly images: number;
  /** N. */
  readonly innerSteps: number;
  /** Held-out training images on which everything was chosen; 0 where there was nothing to choose. */
  readonly validation: number;
  /** Test images, read once, after the last choice. */
  readonly test: number;
  /** Draws among which the best one was chosen. */
  readonly randomDraws: number;
  readonly attack?: { readonly from: string; readonly to: string };
  readonly tables: readonly Table[];
  readonly neighbours: readonly Neighbours[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}
