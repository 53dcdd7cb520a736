/** @file Shapes and row-major indexing. Knows nothing of tensors or primitives. */

/** Sizes of the axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, axis) => product * axis, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

export const showShape = (shape: Shape): string => `(${shape.join(', ')})`;

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Common shape of two operands under NumPy's rule: aligned at the last axis, an axis of 1 stretches.
 *  @throws RangeError naming both shapes when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1)
      throw new RangeError(`shapes ${showShape(a)} and ${showShape(b)} do not broadcast`);
    return p === 1 ? q : p;
  });
}

/** Strides by which an operand of shape `from` is read to fill `to`: 0 along stretched axes. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/** Calls `visit(n, offsets)` for each element n of `shape` in row-major order; offsets[i] walks with strides[i] from starts[i]. */
export function walk(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (n: number, offsets: readonly number[]) => void,
  starts: readonly number[] = strides.map(() => 0),
): void {
  const index = new Array<number>(shape.length).fill(0);
  const offsets = [...starts];
  const total = sizeOf(shape);
  for (let n = 0; n < total; n++) {
    visit(n, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      for (let i = 0; i < offsets.length; i++) offsets[i]! += strides[i]![axis]!;
      if (++index[axis]! < shape[axis]!) break;
      for (let i = 0; i < offsets.length; i++) offsets[i]! -= strides[i]![axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
