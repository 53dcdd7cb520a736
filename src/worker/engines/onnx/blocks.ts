/** @file Blocks of a tensor: cutting one out, and putting zeros around one. */
import type { Shape } from '../../../shared/graph/index.ts';
import type { Scope } from './scope.ts';

/** The block from `starts` to `ends` (exclusive), every `steps`-th element; axes that are whole are left out. */
export function block(
  scope: Scope,
  x: string,
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): string {
  const axes = starts
    .map((_, axis) => axis)
    .filter(axis => starts[axis] !== 0 || ends[axis] !== shape[axis] || steps[axis] !== 1);
  if (axes.length === 0) return x;
  const pick = (values: readonly number[]): string => scope.model.integers(axes.map(axis => values[axis]!));
  return scope.emit('Slice', [x, pick(starts), pick(ends), scope.model.integers(axes), pick(steps)]);
}

/** `x` with zeros around it; a negative border is cut off. */
export const padded = (
  scope: Scope,
  x: string,
  before: readonly number[],
  after: readonly number[],
): string =>
  [...before, ...after].every(n => n === 0)
    ? x
    : scope.emit('Pad', [x, scope.model.integers([...before, ...after])]);
