/** @file Every primitive on random shapes and parameters. The table is total: a new primitive does not compile without its row. */
import fc from 'fast-check';
import {
  add,
  concat,
  div,
  exp,
  expand,
  fold,
  type Graph,
  gemm,
  greater,
  input,
  log,
  logSoftmax,
  matmul,
  max,
  mul,
  neg,
  type Op,
  pad,
  patches,
  print,
  relu,
  reshape,
  type Shape,
  scalar,
  slice,
  softplus,
  sqrt,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  windows,
} from '../../../src/shared/graph/index.ts';
import {
  axesOf,
  axis,
  bordered,
  factors,
  pattern,
  product,
  regrouped,
  shape,
  sliding,
  stretched,
} from './shapes.ts';
import type { Range } from './values.ts';

/** One primitive applied to inputs, and the ranges in which the inputs' values keep a distance from poles. */
export interface Case {
  readonly graph: Graph;
  readonly ranges: readonly Range[];
}

/** A failing case shows its graph. */
const made = (
  shapes: readonly Shape[],
  build: (...xs: Tensor[]) => Tensor,
  ranges: readonly Range[] = [],
): Case => {
  const inputs = shapes.map((s, i) => input(`x${i}`, s));
  const graph = { inputs, outputs: [build(...inputs)] };
  return Object.assign({ graph, ranges }, { [fc.toStringMethod]: () => `\n${print(graph)}\n` });
};

const unary = (build: (x: Tensor) => Tensor, range: Range = [-2, 2], minRank = 0): fc.Arbitrary<Case> =>
  shape(minRank, 4).map(x => made([x], build, [range]));

const binary = (build: (a: Tensor, b: Tensor) => Tensor, range: Range = [-2, 2]): fc.Arbitrary<Case> =>
  shape(0, 4)
    .chain(whole => fc.tuple(stretched(whole), stretched(whole)))
    .map(([a, b]) => made([a, b], build, [[-2, 2], range]));

/** x with every other sign turned: values of a range on both sides of 0, far from it. */
const bothSigns = (x: Tensor): Tensor =>
  mul(
    x,
    pattern(x.shape, n => (n % 2 === 0 ? 1 : -1)),
  );

/** x, small, on top of whole numbers in mixed order: no two of up to 256 elements are near each other. */
const apart = (x: Tensor): Tensor =>
  add(
    x,
    pattern(x.shape, n => (100 * n) % 257),
  );

export const cases: { readonly [P in Op]: fc.Arbitrary<Case> } = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: fc.oneof(binary(div, [0.5, 2]), binary(div, [-2, -0.5])),
  neg: unary(neg),
  exp: unary(exp),
  log: unary(log, [0.5, 3]),
  tanh: unary(tanh),
  sqrt: unary(sqrt, [0.5, 3]),
  softplus: unary(softplus, [-3, 3]),
  relu: unary(x => relu(bothSigns(x)), [0.5, 2]),
  greater: fc.oneof(
    binary((a, b) => greater(bothSigns(add(scalar(0.5), mul(a, a))), b), [-0.4, 0.4]),
    unary(x => greater(bothSigns(x), scalar(0)), [0.5, 2]),
  ),
  logSoftmax: unary(logSoftmax, [-3, 3], 1),
  sum: shape(1, 4)
    .chain(x => fc.tuple(fc.constant(x), fc.subarray(axesOf(x))))
    .map(([x, axes]) => made([x], t => sum(t, axes))),
  max: shape(1, 4)
    .chain(x => fc.tuple(fc.constant(x), fc.subarray(axesOf(x))))
    .map(([x, axes]) => made([x], t => max(apart(t), axes), [[-0.1, 0.1]])),
  expand: shape(0, 4)
    .chain(to => fc.tuple(stretched(to), fc.constant(to)))
    .map(([x, to]) => made([x], t => expand(t, to))),
  reshape: regrouped.map(([x, to]) => made([x], t => reshape(t, to))),
  transpose: shape(0, 4)
    .chain(x => fc.tuple(fc.constant(x), fc.shuffledSubarray(axesOf(x), { minLength: x.length })))
    .map(([x, perm]) => made([x], t => transpose(t, perm))),
  slice: bordered.map(({ starts, sizes, whole }) => made([whole], x => slice(x, starts, sizes))),
  pad: bordered.map(({ starts, sizes, ends }) => made([sizes], x => pad(x, starts, ends))),
  concat: shape(1, 3)
    .chain(x =>
      fc.tuple(fc.constant(x), fc.nat(x.length - 1), fc.array(axis, { minLength: 1, maxLength: 3 })),
    )
    .map(([x, at, sizes]) =>
      made(
        sizes.map(size => x.with(at, size)),
        (...xs) => concat(xs, at),
      ),
    ),
  matmul: product.map(p => made(factors(p), (a, b) => matmul(a, b, p.params))),
  gemm: product
    .chain(p => fc.tuple(fc.constant(p), stretched([p.m, p.n]), fc.constantFrom(-1, 1, 0.5)))
    .map(([p, c, alpha]) => made([...factors(p), c], (a, b, x) => gemm(a, b, x!, { ...p.params, alpha }))),
  patches: sliding.map(({ maps: { c, height, width, b }, size, stride }) =>
    made([[c, height, width, b]], x => patches(x, { size, stride })),
  ),
  fold: sliding.map(({ maps: { c, height, width, b }, size, stride }) =>
    made([[size[0] * size[1] * c, ...windows(height, width, size, stride), b]], x =>
      fold(x, { size, stride, height, width }),
    ),
  ),
};
