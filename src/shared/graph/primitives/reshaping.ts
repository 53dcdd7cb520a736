/** @file Linear primitives that move, repeat or sum elements: each is another's transpose, so the set is closed. */
import { broadcastStrides, type Shape, sameShape, showShape, sizeOf, stridesOf, walk } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { type Builder, primitive } from './primitive.ts';

/** Sum over `axes`, which stay with size 1. */
export const sum: Builder<'sum', [x: Tensor, axes: readonly number[]]> = primitive(
  'sum',
  (x, axes) => [[x], { axes }],
  {
    shape: ([x], { axes }) => {
      for (const axis of axes) checkAxis(axis, x!);
      return x!.map((size, axis) => (axes.includes(axis) ? 1 : size));
    },
    vjp: (g, [x]) => [expand(g, x!.shape)],
    reference: ([x], _, shape) => {
      const out = new Float64Array(sizeOf(shape));
      walk(x!.shape, [broadcastStrides(shape, x!.shape)], (n, [o]) => {
        out[o!]! += x!.data[n]!;
      });
      return out;
    },
  },
);

/** x repeated to `shape`, to which it must broadcast. */
export const expand: Builder<'expand', [x: Tensor, shape: Shape]> = primitive(
  'expand',
  (x, shape) => [[x], { shape }],
  {
    shape: ([x], { shape }) => {
      const lead = shape.length - x!.length;
      if (lead < 0 || x!.some((size, axis) => size !== 1 && size !== shape[axis + lead]))
        throw new RangeError(`${showShape(x!)} does not broadcast to ${showShape(shape)}`);
      return shape;
    },
    vjp: (g, [x]) => [sumTo(g, x!.shape)],
    reference: ([x], { shape }) => {
      const out = new Float64Array(sizeOf(shape));
      walk(shape, [broadcastStrides(x!.shape, shape)], (n, [i]) => {
        out[n] = x!.data[i!]!;
      });
      return out;
    },
  },
);

/** The same elements in row-major order under another shape. */
export const reshape: Builder<'reshape', [x: Tensor, shape: Shape]> = primitive(
  'reshape',
  (x, shape) => [[x], { shape }],
  {
    shape: ([x], { shape }) => {
      if (sizeOf(x!) !== sizeOf(shape))
        throw new RangeError(
          `${showShape(x!)} has ${sizeOf(x!)} elements, ${showShape(shape)} ${sizeOf(shape)}`,
        );
      return shape;
    },
    vjp: (g, [x]) => [reshape(g, x!.shape)],
    reference: ([x]) => x!.data.slice(),
  },
);

/** Axis i of the result is axis perm[i] of x. */
export const transpose: Builder<'transpose', [x: Tensor, perm: readonly number[]]> = primitive(
  'transpose',
  (x, perm) => [[x], { perm }],
  {
    shape: ([x], { perm }) => {
      if (perm.length !== x!.length || ![...perm].sort((a, b) => a - b).every((axis, i) => axis === i))
        throw new RangeError(`(${perm}) is no permutation of the axes of ${showShape(x!)}`);
      return perm.map(axis => x![axis]!);
    },
    vjp: (g, _, __, { perm }) => [transpose(g, inverse(perm))],
    reference: ([x], { perm }, shape) => {
      const strides = stridesOf(x!.shape);
      const out = new Float64Array(sizeOf(shape));
      walk(shape, [perm.map(axis => strides[axis]!)], (n, [i]) => {
        out[n] = x!.data[i!]!;
      });
      return out;
    },
  },
);

/** The block of `sizes` that begins at `starts`. */
export const slice: Builder<'slice', [x: Tensor, starts: readonly number[], sizes: readonly number[]]> =
  primitive('slice', (x, starts, sizes) => [[x], { starts, sizes }], {
    shape: ([x], { starts, sizes }) => {
      const fits = x!.every(
        (size, axis) => starts[axis]! >= 0 && sizes[axis]! > 0 && starts[axis]! + sizes[axis]! <= size,
      );
      if (starts.length !== x!.length || sizes.length !== x!.length || !fits)
        throw new RangeError(`a block of (${sizes}) at (${starts}) is not inside ${showShape(x!)}`);
      return sizes;
    },
    vjp: (g, [x], _, { starts, sizes }) => [
      pad(
        g,
        starts,
        x!.shape.map((size, axis) => size - starts[axis]! - sizes[axis]!),
      ),
    ],
    reference: ([x], { starts, sizes }) => {
      const strides = stridesOf(x!.shape);
      const out = new Float64Array(sizeOf(sizes));
      const first = starts.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);
      walk(
        sizes,
        [strides],
        (n, [i]) => {
          out[n] = x!.data[i!]!;
        },
        [first],
      );
      return out;
    },
  });

/** x with zeros around it: `before` and `after` along each axis. */
export const pad: Builder<'pad', [x: Tensor, before: readonly number[], after: readonly number[]]> =
  primitive('pad', (x, before, after) => [[x], { before, after }], {
    shape: ([x], { before, after }) => {
      if (before.length !== x!.length || after.length !== x!.length || [...before, ...after].some(n => n < 0))
        throw new RangeError(`(${before}) and (${after}) are no borders for ${showShape(x!)}`);
      return x!.map((size, axis) => before[axis]! + size + after[axis]!);
    },
    vjp: (g, [x], _, { before }) => [slice(g, before, x!.shape)],
    reference: ([x], { before }, shape) => {
      const strides = stridesOf(shape);
      const out = new Float64Array(sizeOf(shape));
      const first = before.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);
      walk(
        x!.shape,
        [strides],
        (n, [o]) => {
          out[o!] = x!.data[n]!;
        },
        [first],
      );
      return out;
    },
  });

/** Tensors joined along `axis`; all other axes are equal. */
export const concat: Builder<'concat', [xs: readonly Tensor[], axis: number]> = primitive(
  'concat',
  (xs, axis) => [xs, { axis }],
  {
    shape: (shapes, { axis }) => {
      const [first] = shapes;
      if (first === undefined) throw new RangeError('needs at least one tensor');
      checkAxis(axis, first);
      for (const s of shapes)
        if (s.length !== first.length || s.some((size, i) => i !== axis && size !== first[i]))
          throw new RangeError(`${showShape(first)} and ${showShape(s)} differ outside axis ${axis}`);
      return first.map((size, i) => (i === axis ? shapes.reduce((total, s) => total + s[axis]!, 0) : size));
    },
    vjp: (g, xs, _, { axis }) => {
      let start = 0;
      return xs.map(x => {
        const starts = x.shape.map((_, i) => (i === axis ? start : 0));
        start += x.shape[axis]!;
        return slice(g, starts, x.shape);
      });
    },
    reference: (xs, { axis }, shape) => {
      const out = new Float64Array(sizeOf(shape));
      const rows = sizeOf(shape.slice(0, axis));
      const width = sizeOf(shape.slice(axis));
      let start = 0;
      for (const x of xs) {
        const part = x.data.length / rows;
        for (let row = 0; row < rows; row++)
          out.set(x.data.subarray(row * part, (row + 1) * part), row * width + start);
        start += part;
      }
      return out;
    },
  },
);

/** g summed over the axes along which `shape` was stretched to g's: the transpose of broadcasting. */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = axes.length > 0 ? sum(g, axes) : g;
  return sameShape(summed.shape, shape) ? summed : reshape(summed, shape);
}

/** Sum over all elements, as a scalar (). */
export const sumAll = (x: Tensor): Tensor => sumTo(x, []);

export const inverse = (perm: readonly number[]): number[] => perm.map((_, axis) => perm.indexOf(axis));

/** @throws RangeError when `shape` has no such axis. */
export function checkAxis(axis: number, shape: Shape): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length)
    throw new RangeError(`axis ${axis} is not one of ${showShape(shape)}`);
}
