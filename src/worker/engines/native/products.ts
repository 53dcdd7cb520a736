/** @file Matrix products. Operands are read through their views, whatever these are: sliding windows of maps are never written out for a product. */
import { type Apply, sizeOf, type Tensor } from '../../../shared/graph/index.ts';
import { isInner } from './fusion.ts';
import type { Product } from './instructions.ts';
import { zeroed } from './moves.ts';
import { sidesOf, turned } from './operands.ts';
import { ordered } from './order.ts';
import { partsByNeeds, partsByZeros, turnedMask } from './parts.ts';
import { type ReadingOrder, reordered } from './reading.ts';
import type { Scope } from './scope.ts';
import { byAxis, expanded, type View, whole } from './views.ts';
import type { Mask } from './zeros.ts';

/** A product of which it is not yet decided how it is computed. */
type Bare = Omit<Product, 'inner'>;

/** Results with at most this many columns, and more rows, are computed turned: the kernels fill vectors with columns. */
const narrow = 16;

export function product(scope: Scope, t: Apply<'matmul'> | Apply<'gemm'>): void {
  const [m, n] = t.shape as [number, number];
  const { a, b, k } = sidesOf(scope, t);
  const alpha = 'alpha' in t.params ? t.params.alpha : 1;
  const free = t.inputs[2] && scope.overwritten(t, t.inputs[2]);
  const inPlace = free === a.buffer || free === b.buffer ? undefined : free;
  const out = inPlace ?? { size: m * n };
  const place = { buffer: out, offset: 0 };
  const bare: Bare = {
    kind: 'product',
    m,
    n,
    k,
    alpha,
    a,
    b,
    addend: undefined,
    out: { ...place, strides: [n, 1] },
  };
  const masks = masksOf(scope, t);
  const read = inPlace === undefined && n > narrow ? asRead(scope, t, bare) : undefined;
  if (read !== undefined) {
    emit(scope, read.product, { a: masks.a });
    scope.set(t, read.view);
    return;
  }
  const addend = t.inputs[2] && addendOf(scope, t.inputs[2], t.shape);
  const straight = { ...bare, addend };
  if (inPlace !== undefined || n >= m || n > narrow) {
    emit(scope, straight, masks);
    scope.set(t, whole(out));
    return;
  }
  const rowMajor = scope.isRowMajor(t);
  emit(
    scope,
    {
      ...straight,
      m: n,
      n: m,
      a: turned(b),
      b: turned(a),
      addend: addend && { ...addend, strides: swapped(addend.strides) },
      out: { ...place, strides: rowMajor ? [1, n] : [m, 1] },
    },
    { a: masks.b && turnedMask(masks.b, n), out: masks.out && turnedMask(masks.out, n) },
  );
  scope.set(
    t,
    rowMajor
      ? whole(out)
      : {
          ...place,
          dims: [
            { size: m, stride: 1 },
            { size: n, stride: m },
          ],
        },
  );
}

/** The product with its columns in the order in which all who read it go through them. */
function asRead(scope: Scope, t: Apply, bare: Bare): { product: Bare; view: View } | undefined {
  const order = scope.readingOrder(t);
  const columns = order && reordered(bare.b.columns, order);
  if (columns === undefined) return undefined;
  const [, , c] = t.inputs;
  const seen = c && scope.view(c);
  const strides = seen && addendStrides(seen, c.shape, t.shape, order);
  if (seen && !strides) return undefined;
  const view = { ...ordered(order!.sizes, order!.perm), buffer: bare.out.buffer };
  const addend = seen && { buffer: seen.buffer, offset: seen.offset, strides: strides! };
  return { product: { ...bare, b: { ...bare.b, columns }, addend }, view };
}

/** Where A and B may differ from zero, and what of the result is read: everything, if not given. */
interface Masks {
  readonly a?: Mask | undefined;
  readonly b?: Mask | undefined;
  readonly out?: Mask | undefined;
}

function masksOf(scope: Scope, t: Apply<'matmul'> | Apply<'gemm'>): Masks {
  const { transposeA, transposeB } = t.params;
  const mask = (x: Tensor, turn: boolean): Mask | undefined => {
    const zeros = scope.zeros.of(x);
    return turn && zeros ? turnedMask(zeros, x.shape[1]!) : zeros;
  };
  return {
    a: mask(t.inputs[0]!, transposeA),
    b: mask(t.inputs[1]!, transposeB),
    out: scope.needs.of(t),
  };
}

/** The product without what zeros make superfluous, or without what no one needs. */
function emit(scope: Scope, product: Bare, { a, out }: Masks): void {
  const inner = isInner(product);
  const short = a && !inner && partsByZeros(a, product.k);
  const few = short ? undefined : out && partsByNeeds(out, product.n, inner);
  // What is not needed may still be multiplied by zero.
  if (few) zeroed(scope, product.out.buffer);
  scope.emit({ ...product, inner, parts: short || few || undefined });
}

const swapped = ([a, b]: readonly [number, number]): readonly [number, number] => [b, a];

function addendOf(scope: Scope, t: Tensor, shape: readonly number[]): NonNullable<Product['addend']> {
  const strides = (view: View) => addendStrides(view, t.shape, shape);
  const view = scope.view(t);
  const used = strides(view) ? view : scope.copy(view, sizeOf(t.shape));
  return { buffer: used.buffer, offset: used.offset, strides: strides(used)! };
}

/** Strides along rows and columns of `view`, of shape `from`, as an addend of `shape`; undefined where they are no single ones. */
function addendStrides(
  view: View,
  from: readonly number[],
  shape: readonly number[],
  order?: ReadingOrder,
): readonly [number, number] | undefined {
  const all = expanded(view, from, shape);
  const [rows, given] = (all && byAxis(all.dims, shape)) ?? [];
  const columns = given && order ? reordered(given, order) : given;
  if (rows === undefined || columns === undefined || rows.length > 1 || columns.length > 1) return undefined;
  return [rows[0]?.stride ?? 0, columns[0]?.stride ?? 0];
}
