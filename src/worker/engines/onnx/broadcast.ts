/** @file Broadcasting, where onnxruntime is slow at it. */
import { type Shape, sizeOf } from '../../../shared/graph/index.ts';
import type { Scope } from './scope.ts';

/** Elementwise operators go through their result in runs in which each operand is a row of memory or one number. Runs shorter than this are slow … */
const shortRun = 64;
/** … and worth a node of their own in results larger than this. */
const largeResult = 4096;

/** `x`, repeated to the result's shape by a node of its own where it would be read in many short runs: (32, 1, 10) beside (32, 784, 10) took 0.33 ms,
 *  repeated first 0.06 + 0.08 ms. */
export function stretched(scope: Scope, x: string, from: Shape, to: Shape): string {
  const run = runOf(from, to);
  if (sizeOf(from) === sizeOf(to) || sizeOf(to) <= largeResult || run >= shortRun) return x;
  return scope.emit('Expand', [x, scope.model.integers(to)]);
}

/** Elements at the end of the result's shape for which the operand is either read on or stays where it is. */
function runOf(from: Shape, to: Shape): number {
  const lead = to.length - from.length;
  const axes = to.flatMap((size, axis) =>
    size === 1 ? [] : [{ size, stays: (from[axis - lead] ?? 1) === 1 }],
  );
  const last = axes.findLastIndex(({ stays }) => stays !== axes.at(-1)!.stays);
  return axes.slice(last + 1).reduce((run, { size }) => run * size, 1);
}
