/** @file The largest of several elements. Its derivative is written with `greater`, so no primitive beside these two knows a kink between elements. */
import { broadcastStrides, sizeOf, walk } from '../shape.ts';
import { scalar, type Tensor } from '../tensor.ts';
import { div, greater, mul, sub } from './elementwise.ts';
import { type Builder, primitive } from './primitive.ts';
import { checkAxis, sum } from './reshaping.ts';

/** The largest element over `axes`, which stay with size 1. The cotangent goes to the largest element; where several are equally large they
 *  share it equally, so that the derivative does not depend on an order of the elements. */
export const max: Builder<'max', [x: Tensor, axes: readonly number[]]> = primitive(
  'max',
  (x, axes) => [[x], { axes }],
  {
    shape: ([x], { axes }) => {
      for (const axis of axes) checkAxis(axis, x!);
      return x!.map((size, axis) => (axes.includes(axis) ? 1 : size));
    },
    vjp: (g, [x], y, { axes }) => {
      const largest = sub(scalar(1), greater(y, x!));
      return [mul(largest, div(g, sum(largest, axes)))];
    },
    reference: ([x], _, shape) => {
      const out = new Float64Array(sizeOf(shape)).fill(Number.NEGATIVE_INFINITY);
      walk(x!.shape, [broadcastStrides(shape, x!.shape)], (n, [o]) => {
        out[o!] = Math.max(out[o!]!, x!.data[n]!);
      });
      return out;
    },
  },
);
