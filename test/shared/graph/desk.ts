/** @file What the moves of random programs work with: tensors picked so that a primitive takes them. */
import { reshape, type Shape, sumAll, type Tensor, tanh } from '../../../src/shared/graph/index.ts';
import { broadcastShapes, sameShape, sizeOf } from '../../../src/shared/graph/shape.ts';

/** The tensors so far, and a source of choices below a count. */
export interface Desk {
  readonly tensors: readonly Tensor[];
  readonly pick: (count: number) => number;
  /** Loops around the move. */
  readonly depth: number;
}

/** Makes a legal node of what is on the desk. */
export type Move = (desk: Desk) => Tensor;

/** No tensor gets larger than this many elements. */
export const sizeLimit = 60;

/** Any tensor; the latest ones more often. */
export const any = ({ tensors, pick }: Desk): Tensor =>
  pick(2) === 0 ? tensors.at(-1 - pick(Math.min(4, tensors.length)))! : tensors[pick(tensors.length)]!;

/** Any tensor, one that has an axis. */
export function anyWithAxes(desk: Desk): Tensor {
  const x = any(desk);
  return x.shape.length > 0 ? x : reshape(x, [1]);
}

/** `x`, or a number in its place where it has become too large. */
export const small = (x: Tensor): Tensor => (sizeOf(x.shape) <= sizeLimit ? x : tanh(sumAll(x)));

/** `b`, or its sum where it can't be broadcast with `a`. */
export function fitting(b: Tensor, a: Tensor): Tensor {
  const common = broadcast(a.shape, b.shape);
  return common !== undefined && sizeOf(common) <= sizeLimit ? b : sumAll(b);
}

/** `b`, or its sum where adding it to `a` would change the shape. */
export function addend(b: Tensor, a: Tensor): Tensor {
  const common = broadcast(a.shape, b.shape);
  return common !== undefined && sameShape(common, a.shape) ? b : sumAll(b);
}

function broadcast(a: Shape, b: Shape): Shape | undefined {
  try {
    return broadcastShapes(a, b);
  } catch {
    return undefined;
  }
}

/** Two matrices and transposes under which they have a product; the second is the first where no other fits. */
export function factors(desk: Desk): [Tensor, Tensor, { transposeA: boolean; transposeB: boolean }] {
  const a = matrix(any(desk));
  const transposeA = desk.pick(2) === 0;
  const shared = a.shape[transposeA ? 0 : 1]!;
  const others = desk.tensors
    .map(matrix)
    .filter(b => b.shape.includes(shared) && sizeOf(b.shape) * sizeOf(a.shape) < 10 * sizeLimit);
  const b = others[desk.pick(others.length + 1)] ?? a;
  return [a, b, { transposeA, transposeB: b === a ? !transposeA : b.shape[0] !== shared }];
}

/** Maps (1, H, W, 1), and windows and steps that fit in. */
export function windowed(
  desk: Desk,
): [Tensor, { size: readonly [number, number]; stride: readonly [number, number] }] {
  const x = matrix(any(desk));
  const [h, w] = x.shape as [number, number];
  const size = [1 + desk.pick(Math.min(2, h)), 1 + desk.pick(Math.min(2, w))] as const;
  return [reshape(x, [1, h, w, 1]), { size, stride: [1 + desk.pick(2), 1 + desk.pick(2)] }];
}

/** Another shape of the same size. */
export function otherShape({ shape }: Tensor, { pick }: Desk): Shape {
  const size = sizeOf(shape);
  const matrices = [1, 2, 3, size].filter(n => size % n === 0).map(n => [n, size / n]);
  const shapes = [[size], [1, ...shape], ...matrices, ...(size === 1 ? [[]] : [])];
  return shapes[pick(shapes.length)]!;
}

/** The numbers 0 … count−1 in any order. */
export function permutation(count: number, { pick }: Desk): number[] {
  const left = Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: count }, () => left.splice(pick(left.length), 1)[0]!);
}

function matrix(x: Tensor): Tensor {
  const [rows, ...columns] = x.shape;
  if (x.shape.length === 2) return x;
  return reshape(x, columns.length === 0 ? [1, sizeOf(x.shape)] : [rows!, sizeOf(columns)]);
}
