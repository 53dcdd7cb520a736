/** @file Matrix products. Operands are read through their views, whatever these are: sliding windows of maps are never written out for a product. */
import { type Apply, sizeOf, type Tensor } from '../../../shared/graph/index.ts';
import { copyPays, isInner, lengthAlong } from './fusion.ts';
import type { Place, Product } from './instructions.ts';
import { zeroed } from './moves.ts';
import { ordered } from './order.ts';
import { partsByNeeds, partsByZeros, turnedMask } from './parts.ts';
import { type ReadingOrder, reordered } from './reading.ts';
import type { Scope } from './scope.ts';
import { byAxis, type Dim, expanded, merged, type View, whole } from './views.ts';
import type { Mask } from './zeros.ts';

/** Results with at most this many columns, and more rows, are computed turned: the kernels fill vectors with columns. */
const narrow = 16;

interface Operand extends Place {
  readonly rows: readonly Dim[];
  readonly columns: readonly Dim[];
}

export function product(scope: Scope, t: Apply<'matmul'> | Apply<'gemm'>): void {
  const [m, n] = t.shape as [number, number];
  const { transposeA, transposeB } = t.params;
  const k = t.inputs[0]!.shape[transposeA ? 0 : 1]!;
  const [left, right] = [side(scope, t.inputs[0]!, transposeA), side(scope, t.inputs[1]!, !transposeB)];
  const a = beside(scope, left, m, right, n, k);
  const b = turned(beside(scope, right, n, left, m, k));
  const alpha = 'alpha' in t.params ? t.params.alpha : 1;
  const free = t.inputs[2] && scope.overwritten(t, t.inputs[2]);
  const inPlace = free === a.buffer || free === b.buffer ? undefined : free;
  const out = inPlace ?? { size: m * n };
  const place = { buffer: out, offset: 0 };
  const bare: Product = {
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
  // Where the rows of A lie along k, as those of a layer's weights on the way back do, what reads the result goes along its rows.
  const along = scope.isRowMajor(t) || (unit(a.columns) && unit(b.rows));
  emit(
    scope,
    {
      ...straight,
      m: n,
      n: m,
      a: turned(b),
      b: turned(a),
      addend: addend && { ...addend, strides: swapped(addend.strides) },
      out: { ...place, strides: along ? [1, n] : [m, 1] },
    },
    { a: masks.b && turnedMask(masks.b, n), out: masks.out && turnedMask(masks.out, n) },
  );
  scope.set(
    t,
    along
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
function asRead(scope: Scope, t: Apply, bare: Product): { product: Product; view: View } | undefined {
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
function emit(scope: Scope, product: Product, { a, out }: Masks): void {
  const inner = isInner(product);
  const short = a && !inner && partsByZeros(a, product.k);
  const few = short ? undefined : out && partsByNeeds(out, product.n, inner);
  // What is not needed may still be multiplied by zero.
  if (few) zeroed(scope, product.out.buffer);
  scope.emit({ ...product, parts: short || few || undefined });
}

const swapped = ([a, b]: readonly [number, number]): readonly [number, number] => [b, a];

/** One side of a product: its rows, or columns, by indices of k. `turn`: the tensor has them the other way. */
interface Side extends Operand {
  readonly tensor: Tensor;
  readonly turn: boolean;
}

const side = (scope: Scope, tensor: Tensor, turn: boolean): Side => {
  const read = operand(scope, tensor);
  return { ...(turn ? turned(read) : read), tensor, turn };
};

/** One side of a product, where it lies; or where the other lies along k and this one does not, and inner products pay even so, in a copy that does, in which all read
 *  it from now on. */
function beside(scope: Scope, own: Side, m: number, other: Side, n: number, k: number): Operand {
  if (lengthAlong(own.columns) >= 8 || !copyPays(m, n, k, other.columns)) return own;
  return copiedAlong(scope, own, m, k);
}

function copiedAlong(
  scope: Scope,
  { tensor, turn, rows, columns, ...place }: Side,
  count: number,
  k: number,
): Operand {
  const copy = scope.copy({ ...place, dims: merged([...rows, ...columns]) }, count * k);
  const dims = { rows: [{ size: count, stride: k }], columns: [{ size: k, stride: 1 }] };
  scope.set(tensor, { ...copy, dims: turn ? [...dims.columns, ...dims.rows] : copy.dims });
  return { buffer: copy.buffer, offset: 0, ...dims };
}

/** A matrix as a kernel reads it: put in order first where neighbours lie apart along both axes. */
function operand(scope: Scope, t: Tensor): Operand {
  const view = scope.view(t);
  const axes = byAxis(view.dims, t.shape);
  if (axes?.some(dims => (dims.at(-1)?.stride ?? 0) <= 1)) return seen(view, axes);
  const copy = scope.contiguous(t);
  return seen(copy, byAxis(copy.dims, t.shape)!);
}

const seen = ({ buffer, offset }: View, [rows, columns]: readonly Dim[][]): Operand => ({
  buffer,
  offset,
  rows: rows!,
  columns: columns!,
});

const turned = ({ rows, columns, ...place }: Operand): Operand => ({
  ...place,
  rows: columns,
  columns: rows,
});

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

/** Whether an axis is a run of neighbours. */
const unit = (dims: readonly Dim[]): boolean => dims.length === 1 && dims[0]!.stride === 1;
