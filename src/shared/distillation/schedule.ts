/** @file The schedule of the inner steps: how many, with which step sizes, and which distilled images each of them sees. Plain data. */
import type { Net, WeightSpec } from '../models/index.ts';
import type { LossName } from './loss.ts';

/** Sizes of a distillation step for one architecture. */
export interface Schedule {
  /** M, all distilled images. */
  readonly images: number;
  /** N, all inner steps: with `order` 'steps' the steps of one epoch times the epochs. */
  readonly innerSteps: number;
  /** One η̃ for all inner steps (), one per inner step (N), or one per inner step and layer (N, L). */
  readonly eta: 'one' | 'step' | 'layer';
  /** Whether the inner steps forget: w ← (1 − λ) w before each, with λ shaped as η̃. */
  readonly decay: boolean;
  readonly order: Order;
  /** l, of the inner and the outer problem. */
  readonly loss: LossName;
  /** With `eta` 'layer': which of the L columns are this net's, one per layer that has weights. All of them unless told. */
  readonly columns?: Columns;
}

/** `all`: every inner step sees all images. `steps`: the images are cut into `steps` parts of equal size; inner step k sees part k mod `steps`
 *  (Wang et al. 2018). `random`: inner step k sees the `batch` images that row k of the input `select` names, drawn anew for each network. */
export type Order =
  | { readonly kind: 'all' }
  | { readonly kind: 'steps'; readonly steps: number }
  | { readonly kind: 'random'; readonly batch: number };

/** A block of the L = `total` columns of η̃ (N, L). */
export interface Columns {
  readonly first: number;
  readonly count: number;
  readonly total: number;
}

/** Shape of η̃ and λ. */
export const paceShape = (net: Net, { eta, innerSteps, columns }: Schedule): readonly number[] =>
  eta === 'one' ? [] : eta === 'step' ? [innerSteps] : [innerSteps, columns?.total ?? layerCount(net)];

/** Layers of a net that have weights: each may have a step size of its own. */
export const layerCount = (net: Net): number => layerNames(net).length;

/** For each weight tensor the number of its layer, counting only layers that have weights. */
export function layerNumbers(net: Net): number[] {
  const layers = layerNames(net);
  return net.weights.map(spec => layers.indexOf(layerOf(spec)));
}

/** `0.conv` of `0.conv.kernel`. */
const layerOf = ({ name }: WeightSpec): string => name.slice(0, name.lastIndexOf('.'));

/** Names of the layers that have weights, in order. */
export const layerNames = (net: Net): string[] => [...new Set(net.weights.map(layerOf))];
