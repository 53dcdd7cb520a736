/** @file The moves of random programs: every primitive, and what the passes look for: zeros, ones, scalings, loops. Total over the primitives. */
import {
  add,
  concat,
  div,
  exp,
  expand,
  fold,
  gemm,
  log,
  logSoftmax,
  matmul,
  mul,
  neg,
  type Op,
  pad,
  patches,
  reshape,
  scalar,
  scan,
  slice,
  sub,
  sum,
  sumAll,
  sumTo,
  type Tensor,
  tanh,
  transpose,
} from '../../../src/shared/graph/index.ts';
import { broadcastShapes, sameShape, type Shape, sizeOf } from '../../../src/shared/graph/shape.ts';

/** What a move works with: the tensors so far, and a source of choices below a count. */
export interface Desk {
  readonly tensors: readonly Tensor[];
  readonly pick: (count: number) => number;
  /** Loops around the move. */
  readonly depth: number;
}
type Move = (desk: Desk) => Tensor;

/** No tensor gets larger. */
const sizeLimit = 60;

/** Any tensor; the latest ones more often. */
export const any = ({ tensors, pick }: Desk): Tensor =>
  pick(2) === 0 ? tensors.at(-1 - pick(Math.min(4, tensors.length)))! : tensors[pick(tensors.length)]!;

const anyWithAxes = (desk: Desk): Tensor => withAxes(any(desk));
const withAxes = (x: Tensor): Tensor => (x.shape.length > 0 ? x : reshape(x, [1]));
const small = (x: Tensor): Tensor => (sizeOf(x.shape) <= sizeLimit ? x : tanh(sumAll(x)));

/** `b`, or its sum where it can't be broadcast with `a`. */
function fitting(b: Tensor, a: Tensor): Tensor {
  try {
    return sizeOf(broadcastShapes(a.shape, b.shape)) <= sizeLimit ? b : sumAll(b);
  } catch {
    return sumAll(b);
  }
}

const unary =
  (f: (x: Tensor) => Tensor): Move =>
  desk =>
    f(any(desk));

const binary =
  (f: (a: Tensor, b: Tensor) => Tensor): Move =>
  desk => {
    const a = any(desk);
    const b = fitting(any(desk), a);
    return desk.pick(2) === 0 ? f(a, b) : f(b, a);
  };

/** x as a matrix. */
const matrix = (x: Tensor): Tensor =>
  x.shape.length === 2 ? x : reshape(x, x.shape.length < 2 ? [1, sizeOf(x.shape)] : [x.shape[0]!, sizeOf(x.shape.slice(1))]);

/** Two matrices and transposes under which they have a product; the second is the first where no other fits. */
function factors(desk: Desk): [Tensor, Tensor, { transposeA: boolean; transposeB: boolean }] {
  const a = matrix(any(desk));
  const transposeA = desk.pick(2) === 0;
  const inner = a.shape[transposeA ? 0 : 1]!;
  const others = desk.tensors.map(matrix).filter(b => b.shape.includes(inner) && sizeOf(b.shape) * sizeOf(a.shape) < 10 * sizeLimit);
  const b = others.length > 0 ? others[desk.pick(others.length)]! : a;
  return [a, b, { transposeA, transposeB: b === a ? !transposeA : b.shape[0] !== inner }];
}

/** x as maps (1, H, W, 1), and a window and steps that fit in. */
function windowed(desk: Desk): [Tensor, { size: readonly [number, number]; stride: readonly [number, number] }] {
  const x = matrix(any(desk));
  const [h, w] = x.shape as [number, number];
  const size = [1 + desk.pick(Math.min(2, h)), 1 + desk.pick(Math.min(2, w))] as const;
  return [reshape(x, [1, h, w, 1]), { size, stride: [1 + desk.pick(2), 1 + desk.pick(2)] }];
}

/** Other shapes of the same size. */
function otherShape(x: Tensor, { pick }: Desk): Shape {
  const size = sizeOf(x.shape);
  const rows = [1, 2, 3, size].filter(n => size % n === 0);
  const shapes = [[size], [1, ...x.shape], ...rows.map(n => [n, size / n]), ...(size === 1 ? [[]] : [])];
  return shapes[pick(shapes.length)]!;
}

const permutation = (rank: number, { pick }: Desk): number[] => {
  const left = Array.from({ length: rank }, (_, i) => i);
  return Array.from({ length: rank }, () => left.splice(pick(left.length), 1)[0]!);
};

/** A loop over a carried value and slices; its body is a little program of its own on loop variables and outside tensors. */
function loop(desk: Desk): Tensor {
  const { tensors, pick, depth } = desk;
  const length = 1 + pick(3);
  const start = any(desk);
  const idle = any(desk);
  const slices = expand(scalar(1), [length, ...start.shape]);
  const row = any(desk);
  const scanned = [mul(slices, start), small(expand(row, [length, ...row.shape]))].filter(t => t.shape[0] === length);
  const { carried, stacked } = scan({ length, reverse: pick(2) === 0, init: [start, idle], scanned }, ([c, still], given) => {
    const inside: Tensor[] = [...tensors, still!, ...given, c!];
    for (let i = 0; i <= pick(4); i++) inside.push(insideMove(desk)({ tensors: inside, pick, depth: depth + 1 }));
    const result = inside.at(-1)!;
    const step = sameShape(fitting(result, c!).shape, c!.shape) ? result : sumAll(result);
    return { carried: [tanh(add(c!, step)), still!], stacked: [result, sub(c!, given[0]!)] };
  });
  const results = [...carried, ...stacked];
  return small(results[pick(results.length)]!);
}

function insideMove({ pick, depth }: Desk): Move {
  const names = (Object.keys(moves) as (keyof typeof moves)[]).filter(name => name !== 'scan' || depth === 0);
  return moves[names[pick(names.length)]!];
}

export const moves: { readonly [P in Op | 'zero' | 'one' | 'scale' | 'bent' | 'update' | 'scan']: Move } = {
  add: binary(add),
  sub: binary(sub),
  mul: binary((a, b) => tanh(mul(a, b))),
  div: desk => binary((a, b) => div(a, desk.pick(2) === 0 ? scalar(4) : add(scalar(1), mul(b, b))))(desk),
  neg: unary(neg),
  exp: unary(x => exp(tanh(x))),
  log: unary(x => log(add(scalar(1), mul(x, x)))),
  tanh: unary(tanh),
  logSoftmax: desk => logSoftmax(tanh(anyWithAxes(desk))),
  sum: desk => {
    const x = any(desk);
    const axes = x.shape.flatMap((_, axis) => (desk.pick(2) === 0 ? [axis] : []));
    return desk.pick(3) === 0 ? sumAll(x) : sum(x, axes);
  },
  expand: desk => {
    const x = any(desk);
    const whole = [...(desk.pick(2) === 0 ? [2] : []), ...x.shape.map(size => (size === 1 ? 1 + desk.pick(3) : size))];
    return sizeOf(whole) <= sizeLimit ? expand(x, whole) : x;
  },
  reshape: desk => {
    const x = any(desk);
    return reshape(x, otherShape(x, desk));
  },
  transpose: desk => {
    const x = any(desk);
    return transpose(x, permutation(x.shape.length, desk));
  },
  slice: desk => {
    const x = anyWithAxes(desk);
    const starts = x.shape.map(size => desk.pick(size));
    return slice(x, starts, x.shape.map((size, i) => 1 + desk.pick(size - starts[i]!)));
  },
  pad: desk => {
    const x = anyWithAxes(desk);
    return small(pad(x, x.shape.map(() => desk.pick(2)), x.shape.map(() => desk.pick(2))));
  },
  concat: desk => {
    const x = anyWithAxes(desk);
    const axis = desk.pick(x.shape.length);
    const other = anyWithAxes(desk);
    const fits = other.shape.length === x.shape.length && other.shape.every((size, i) => i === axis || size === x.shape[i]);
    return small(concat([x, fits ? other : neg(x)], axis));
  },
  matmul: desk => small(matmul(...factors(desk))),
  gemm: desk => {
    const [a, b, params] = factors(desk);
    const product = matmul(a, b, params);
    const c = any(desk);
    const addend = c.shape.length <= 2 && sameShape(fitting(c, product).shape, c.shape) && sameShape(broadcast(c, product), product.shape) ? c : sumAll(c);
    return small(gemm(a, b, addend, { ...params, alpha: [1, -1, 0.5][desk.pick(3)]! }));
  },
  patches: desk => small(patches(...windowed(desk))),
  fold: desk => {
    const [maps, params] = windowed(desk);
    return fold(tanh(patches(maps, params)), { ...params, height: maps.shape[1]!, width: maps.shape[2]! });
  },
  zero: desk => expand(scalar(0), any(desk).shape),
  one: desk => expand(scalar(1), any(desk).shape),
  scale: desk => {
    const x = any(desk);
    return mul([scalar(-1), scalar(1), scalar(0.25), sumTo(tanh(any(desk)), [])][desk.pick(4)]!, x);
  },
  /** Something that is not linear and keeps the shape: passes may not move through it. */
  bent: unary(x => add(tanh(x), scalar(0.5))),
  /** c − s·A·B: what fuses. */
  update: desk => {
    const product = small(matmul(...factors(desk)));
    const c = fitting(any(desk), product);
    return (desk.pick(2) === 0 ? sub : add)(c, mul(sumAll(tanh(any(desk))), product));
  },
  scan: loop,
};

const broadcast = (a: Tensor, b: Tensor): Shape => {
  try {
    return broadcastShapes(a.shape, b.shape);
  } catch {
    return [];
  }
};
