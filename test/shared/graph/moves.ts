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
  softplus,
  sqrt,
  sub,
  sum,
  sumAll,
  type Tensor,
  tanh,
  transpose,
} from '../../../src/shared/graph/index.ts';
import { sizeOf } from '../../../src/shared/graph/shape.ts';
import {
  addend,
  any,
  anyWithAxes,
  type Desk,
  factors,
  fitting,
  type Move,
  otherShape,
  permutation,
  sizeLimit,
  small,
  windowed,
} from './desk.ts';
import { kinked } from './kinks.ts';

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

export const moves: { readonly [P in Op | 'zero' | 'one' | 'scale' | 'bend' | 'update' | 'scan']: Move } = {
  add: binary(add),
  sub: binary(sub),
  mul: binary((a, b) => tanh(mul(a, b))),
  div: binary((a, b) => div(a, add(scalar(1), mul(b, b)))),
  neg: unary(neg),
  exp: unary(x => exp(tanh(x))),
  log: unary(x => log(add(scalar(1), mul(x, x)))),
  tanh: unary(tanh),
  sqrt: unary(x => sqrt(add(scalar(1), mul(x, x)))),
  softplus: unary(softplus),
  ...kinked,
  logSoftmax: desk => logSoftmax(tanh(anyWithAxes(desk))),
  sum: desk => {
    const x = any(desk);
    const axes = x.shape.flatMap((_, axis) => (desk.pick(2) === 0 ? [axis] : []));
    return desk.pick(3) === 0 ? sumAll(x) : sum(x, axes);
  },
  expand: desk => {
    const x = any(desk);
    const lead = desk.pick(2) === 0 ? [2] : [];
    const whole = [...lead, ...x.shape.map(size => (size === 1 ? 1 + desk.pick(3) : size))];
    return sizeOf(whole) <= sizeLimit ? expand(x, whole) : x;
  },
  reshape: desk => {
    const x = any(desk);
    return reshape(x, otherShape(x, desk));
  },
  transpose: desk => {
    const x = any(desk);
    const turned = transpose(x, permutation(x.shape.length, desk));
    return desk.pick(2) === 0 ? turned : transpose(turned, permutation(x.shape.length, desk));
  },
  slice: desk => {
    const x = anyWithAxes(desk);
    const starts = x.shape.map(size => desk.pick(size));
    const sizes = x.shape.map((size, i) => 1 + desk.pick(size - starts[i]!));
    return slice(x, starts, sizes);
  },
  pad: desk => {
    const x = anyWithAxes(desk);
    const border = (): number[] => x.shape.map(() => desk.pick(2));
    return small(pad(x, border(), border()));
  },
  concat: desk => {
    const [x, other] = [anyWithAxes(desk), anyWithAxes(desk)];
    const axis = desk.pick(x.shape.length);
    const fits =
      other.shape.length === x.shape.length && other.shape.every((n, i) => i === axis || n === x.shape[i]);
    return small(concat([x, fits ? other : neg(x)], axis));
  },
  matmul: desk => small(matmul(...factors(desk))),
  gemm: desk => {
    const [a, b, params] = factors(desk);
    const c = addend(any(desk), matmul(a, b, params));
    return small(gemm(a, b, c, { ...params, alpha: [1, -1, 0.5][desk.pick(3)]! }));
  },
  patches: desk => small(patches(...windowed(desk))),
  fold: desk => {
    const [maps, params] = windowed(desk);
    return fold(tanh(patches(maps, params)), { ...params, height: maps.shape[1]!, width: maps.shape[2]! });
  },
  zero: unary(x => expand(scalar(0), x.shape)),
  one: unary(x => expand(scalar(1), x.shape)),
  scale: desk => {
    const factor = [scalar(-1), scalar(1), scalar(0.25), tanh(sumAll(any(desk)))][desk.pick(4)]!;
    return desk.pick(4) === 0 ? div(any(desk), scalar(4)) : mul(factor, any(desk));
  },
  /** Keeps the shape, but passes may not move anything through it. */
  bend: unary(x => add(tanh(x), scalar(0.5))),
  /** c ± s·A·B: what fuses. */
  update: desk => {
    const product = small(matmul(...factors(desk)));
    const scaled = mul(tanh(sumAll(any(desk))), product);
    return (desk.pick(2) === 0 ? sub : add)(fitting(any(desk), product), scaled);
  },
  scan: loop,
};

/** A loop over two carried values and slices; its body is a little program of its own, on its variables and on all tensors outside. */
function loop(desk: Desk): Tensor {
  const { tensors, pick, depth } = desk;
  const length = 1 + pick(3);
  const [start, idle, row] = [any(desk), any(desk), any(desk)];
  const ramp = mul(expand(scalar(1), [length, ...start.shape]), start);
  const scanned = [ramp, expand(row, [length, ...row.shape])];
  const { carried, stacked } = scan(
    { length, reverse: pick(2) === 0, init: [start, idle], scanned },
    ([c, still], slices) => {
      const inside: Tensor[] = [...tensors, still!, ...slices, c!];
      for (let i = 0; i <= pick(4); i++)
        inside.push(anyMove(desk)({ tensors: inside, pick, depth: depth + 1 }));
      const result = inside.at(-1)!;
      return { carried: [tanh(add(c!, addend(result, c!))), still!], stacked: [result, sub(c!, slices[0]!)] };
    },
  );
  const results = [...carried, ...stacked];
  return small(results[pick(results.length)]!);
}

/** Inside a loop: any move, loops at most once more. */
function anyMove({ pick, depth }: Desk): Move {
  const names = (Object.keys(moves) as (keyof typeof moves)[]).filter(name => name !== 'scan' || depth === 0);
  return moves[names[pick(names.length)]!];
}
