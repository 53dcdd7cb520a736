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
  input,
  log,
  logSoftmax,
  matmul,
  mul,
  neg,
  type Op,
  pad,
  patches,
  print,
  reshape,
  type Shape,
  slice,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  windows,
} from '../../../src/shared/graph/index.ts';
import type { Range } from './values.ts';

/** One primitive applied to inputs, and the ranges in which the inputs' values keep a distance from poles. */
export interface Case {
  readonly graph: Graph;
  readonly ranges: readonly Range[];
}

const axis = fc.integer({ min: 1, max: 4 });
const shape = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(axis, { minLength, maxLength });
const axesOf = (x: Shape): number[] => x.map((_, i) => i);
const each = (x: Shape, of: (size: number) => fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
  fc.tuple(...x.map(of)) as fc.Arbitrary<number[]>;

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

/** A shape that broadcasts to `whole`: leading axes left out, others 1. */
const stretched = (whole: Shape): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.nat(whole.length),
      each(whole, size => fc.constantFrom(1, size, size)),
    )
    .map(([drop, x]) => x.slice(drop));

const binary = (build: (a: Tensor, b: Tensor) => Tensor, range: Range = [-2, 2]): fc.Arbitrary<Case> =>
  shape(0, 4)
    .chain(whole => fc.tuple(stretched(whole), stretched(whole)))
    .map(([a, b]) => made([a, b], build, [[-2, 2], range]));

const transposes = fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean() });
const turned = (rows: number, columns: number, turn: boolean): Shape =>
  turn ? [columns, rows] : [rows, columns];
const product = fc.record({ m: axis, k: axis, n: axis, params: transposes });
const factors = ({
  m,
  k,
  n,
  params,
}: {
  m: number;
  k: number;
  n: number;
  params: { transposeA: boolean; transposeB: boolean };
}): Shape[] => [turned(m, k, params.transposeA), turned(k, n, params.transposeB)];

/** Windows that need not tile the maps, and may leave a border unseen. */
const sliding = fc
  .record({
    c: axis,
    height: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 6 }),
    b: fc.integer({ min: 1, max: 2 }),
  })
  .chain(maps =>
    fc.record({
      maps: fc.constant(maps),
      size: fc.tuple(
        fc.integer({ min: 1, max: Math.min(3, maps.height) }),
        fc.integer({ min: 1, max: Math.min(3, maps.width) }),
      ),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    }),
  );

/** Two shapes of the same size: the same factors, grouped in two ways. */
const regrouped = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean()), { maxLength: 5 })
  .map(
    factors => [grouped(factors.map(f => [f[0], f[1]])), grouped(factors.map(f => [f[0], f[2]]))] as const,
  );

/** Sizes, some of them joined with the one before. */
function grouped(factors: readonly (readonly [size: number, join: boolean])[]): number[] {
  const x: number[] = [];
  for (const [size, join] of factors) x.push(join ? size * (x.pop() ?? 1) : size);
  return x;
}

export const cases: { readonly [P in Op]: fc.Arbitrary<Case> } = {
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: fc.oneof(binary(div, [0.5, 2]), binary(div, [-2, -0.5])),
  neg: unary(neg),
  exp: unary(exp),
  log: unary(log, [0.5, 3]),
  tanh: unary(tanh),
  logSoftmax: unary(logSoftmax, [-3, 3], 1),
  sum: shape(1, 4)
    .chain(x => fc.tuple(fc.constant(x), fc.subarray(axesOf(x))))
    .map(([x, axes]) => made([x], t => sum(t, axes))),
  expand: shape(0, 4)
    .chain(to => fc.tuple(stretched(to), fc.constant(to)))
    .map(([x, to]) => made([x], t => expand(t, to))),
  reshape: regrouped.map(([x, to]) => made([x], t => reshape(t, to))),
  transpose: shape(0, 4)
    .chain(x => fc.tuple(fc.constant(x), fc.shuffledSubarray(axesOf(x), { minLength: x.length })))
    .map(([x, perm]) => made([x], t => transpose(t, perm))),
  slice: shape(1, 4)
    .chain(x =>
      fc.tuple(
        fc.constant(x),
        each(x, size => fc.nat(size - 1)),
      ),
    )
    .chain(([x, starts]) =>
      fc.tuple(
        fc.constant(x),
        fc.constant(starts),
        each(x, axis => fc.integer({ min: 1, max: axis })),
      ),
    )
    .map(([x, starts, sizes]) =>
      made([x], t =>
        slice(
          t,
          starts,
          sizes.map((size, i) => Math.min(size, x[i]! - starts[i]!)),
        ),
      ),
    ),
  pad: shape(1, 4)
    .chain(x =>
      fc.tuple(
        fc.constant(x),
        each(x, () => fc.nat(2)),
        each(x, () => fc.nat(2)),
      ),
    )
    .map(([x, before, after]) => made([x], t => pad(t, before, after))),
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
