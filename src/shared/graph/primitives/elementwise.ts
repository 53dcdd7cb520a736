/** @file Elementwise primitives, and log-softmax over the last axis. Binary ones broadcast as NumPy does. */
import { broadcastShapes, broadcastStrides, sizeOf, walk } from '../shape.ts';
import { scalar, type Tensor } from '../tensor.ts';
import { type Binary, primitive, type Unary } from './primitive.ts';
import { expand, sum } from './reshaping.ts';

type UnaryOp = 'neg' | 'exp' | 'log' | 'tanh' | 'sqrt' | 'softplus' | 'relu';
type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'greater';

const unary = <P extends UnaryOp>(
  op: P,
  f: (x: number) => number,
  vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
): Unary<P> =>
  primitive(op, x => [[x], {}], {
    shape: ([x]) => x!,
    vjp: (g, [x], y) => [vjp(g, x!, y)],
    reference: ([x]) => x!.data.map(f),
  });

const binary = <P extends BinaryOp>(
  op: P,
  f: (a: number, b: number) => number,
  vjp: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
): Binary<P> =>
  primitive(op, (a, b) => [[a, b], {}], {
    shape: ([a, b]) => broadcastShapes(a!, b!),
    vjp: (g, [a, b], y) => vjp(g, a!, b!, y),
    reference: ([a, b], _, shape) => {
      const out = new Float64Array(sizeOf(shape));
      walk(shape, [broadcastStrides(a!.shape, shape), broadcastStrides(b!.shape, shape)], (n, [i, j]) => {
        out[n] = f(a!.data[i!]!, b!.data[j!]!);
      });
      return out;
    },
  });

export const add: Binary<'add'> = binary(
  'add',
  (a, b) => a + b,
  g => [g, g],
);
export const sub: Binary<'sub'> = binary(
  'sub',
  (a, b) => a - b,
  g => [g, neg(g)],
);
export const mul: Binary<'mul'> = binary(
  'mul',
  (a, b) => a * b,
  (g, a, b) => [mul(g, b), mul(g, a)],
);
export const div: Binary<'div'> = binary(
  'div',
  (a, b) => a / b,
  (g, _a, b, y) => [div(g, b), neg(div(mul(g, y), b))],
);

export const neg: Unary<'neg'> = unary(
  'neg',
  x => -x,
  g => neg(g),
);
export const exp: Unary<'exp'> = unary('exp', Math.exp, (g, _, y) => mul(g, y));
/** Natural logarithm; the operand must be positive. */
export const log: Unary<'log'> = unary('log', Math.log, (g, x) => div(g, x));
export const tanh: Unary<'tanh'> = unary('tanh', Math.tanh, (g, _, y) => mul(g, sub(scalar(1), mul(y, y)))); // d tanh x = (1 − tanh² x) dx
/** Square root; the operand must be positive, for the derivative 1/(2√x) has a pole at 0. */
export const sqrt: Unary<'sqrt'> = unary('sqrt', Math.sqrt, (g, _, y) => div(mul(scalar(0.5), g), y));
/** log(1 + exp x), without overflow. */
export const softplus: Unary<'softplus'> = unary(
  'softplus',
  x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  (g, x) => mul(g, sigmoid(x)),
);
/** max(x, 0). At its kink, 0, the derivative is 0. */
export const relu: Unary<'relu'> = unary(
  'relu',
  x => Math.max(x, 0),
  (g, _, y) => mul(g, greater(y, scalar(0))),
);
/** 1 where a > b, else 0. A step function: its derivative is zero, and what is multiplied by it vanishes when a graph is simplified. */
export const greater: Binary<'greater'> = binary(
  'greater',
  (a, b) => +(a > b),
  (_, a, b) => [expand(scalar(0), a.shape), expand(scalar(0), b.shape)],
);

/** 1/(1 + exp −x) = ½ + ½·tanh(x/2), which overflows nowhere. No primitive of its own. */
export const sigmoid = (x: Tensor): Tensor => add(scalar(0.5), mul(scalar(0.5), tanh(mul(scalar(0.5), x))));

/** x − log Σ exp x over the last axis, with the maximum taken out first. */
export const logSoftmax: Unary<'logSoftmax'> = primitive('logSoftmax', x => [[x], {}], {
  shape: ([x]) => {
    if (x!.length === 0) throw new RangeError('needs an axis, got a scalar');
    return x!;
  },
  vjp: (g, [x], y) => [sub(g, mul(exp(y), sum(g, [x!.shape.length - 1])))], // softmax x = exp y
  reference: ([x]) => {
    const width = x!.shape.at(-1)!;
    const out = new Float64Array(x!.data.length);
    for (let row = 0; row < out.length; row += width) {
      const xs = x!.data.subarray(row, row + width);
      const max = xs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
      const total = xs.reduce((s, v) => s + Math.exp(v - max), 0);
      for (let i = 0; i < width; i++) out[row + i] = xs[i]! - max - Math.log(total);
    }
    return out;
  },
});
