/** @file Random shapes and parameters, as primitives take them; and constants of any shape. */
import fc from 'fast-check';
import { constant, type Shape, sizeOf, type Tensor } from '../../../src/shared/graph/index.ts';

export const axis = fc.integer({ min: 1, max: 4 });
export const shape = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(axis, { minLength, maxLength });
export const axesOf = (x: Shape): number[] => x.map((_, i) => i);
const each = (x: Shape, of: (size: number) => fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
  fc.tuple(...x.map(of)) as fc.Arbitrary<number[]>;

/** A shape that broadcasts to `whole`: leading axes left out, others 1. */
export const stretched = (whole: Shape): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.nat(whole.length),
      each(whole, size => fc.constantFrom(1, size, size)),
    )
    .map(([drop, x]) => x.slice(drop));

/** A block in a larger tensor: where it starts, its sizes, what is left behind it. */
export const bordered = fc
  .array(fc.record({ start: fc.nat(2), size: axis, end: fc.nat(2) }), { minLength: 1, maxLength: 4 })
  .map(axes => ({
    starts: axes.map(a => a.start),
    sizes: axes.map(a => a.size),
    ends: axes.map(a => a.end),
    whole: axes.map(a => a.start + a.size + a.end),
  }));

/** An (m, k)·(k, n) with transposes. */
export const product = fc.record({
  m: axis,
  k: axis,
  n: axis,
  params: fc.record({ transposeA: fc.boolean(), transposeB: fc.boolean() }),
});

/** Shapes of its two operands. */
export const factors = ({
  m,
  k,
  n,
  params,
}: typeof product extends fc.Arbitrary<infer T> ? T : never): Shape[] => [
  params.transposeA ? [k, m] : [m, k],
  params.transposeB ? [n, k] : [k, n],
];

/** Windows that need not tile the maps, and may leave a border unseen. */
export const sliding = fc
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
export const regrouped = fc
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

/** A constant whose element n, in row-major order, is `value(n)`. */
export const pattern = (of: Shape, value: (n: number) => number): Tensor =>
  constant(
    Array.from({ length: sizeOf(of) }, (_, n) => value(n)),
    of,
  );
