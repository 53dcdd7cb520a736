/** @file What the naive layers work on: one sample, its numbers in the order (h, w, c), and tables filled index by index. */
import type { LayerSpec, layers, Role } from '../../../src/shared/models/index.ts';

/** One sample: images and maps (h, w, c), or features. */
export interface Sample {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type Weights = Readonly<Partial<Record<Role, readonly number[]>>>;
export type Naive<L extends keyof typeof layers> = (
  x: Sample,
  weights: Weights,
  options: Extract<LayerSpec, { layer: L }>,
) => Sample;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const range = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

/** A sample of `shape`, each element computed from its indices. */
export function sampled(shape: readonly number[], f: (...index: number[]) => number): Sample {
  const indices = shape.reduce<number[][]>(
    (all, size) => all.flatMap(index => range(size).map(i => [...index, i])),
    [[]],
  );
  return { shape, data: indices.map(index => f(...index)) };
}

/** A sample with each number computed from itself. */
export const mapped = ({ shape, data }: Sample, f: (x: number) => number): Sample => ({
  shape,
  data: data.map(f),
});
