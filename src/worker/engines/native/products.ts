/** @file Matrix products. Operands are read through their views, whatever these are: sliding windows of maps are never written out for a product. */
import { type Apply, sizeOf, type Tensor } from '../../../shared/graph/index.ts';
import { isInner } from './fusion.ts';
import type { Place, Product } from './instructions.ts';
import { zeroed } from './moves.ts';
import { partsByNeeds, partsByZeros, turnedMask } from './parts.ts';
import type { Scope } from './scope.ts';
import { byAxis, type Dim, expanded, type View, whole } from './views.ts';
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
  const [left, right] = [operand(scope, t.inputs[0]!), operand(scope, t.inputs[1]!)];
  const [a, b] = [transposeA ? turned(left) : left, transposeB ? turned(right) : right];
  const addend = t.inputs[2] && addendOf(scope, t.inputs[2], t.shape);
  const alpha = 'alpha' in t.params ? t.params.alpha : 1;
  const free = t.inputs[2] && scope.overwritten(t, t.inputs[2]);
  const inPlace = free === a.buffer || free === b.buffer ? undefined : free;
  const out = inPlace ?? { size: m * n };
  const place = { buffer: out, offset: 0 };
  const k = t.inputs[0]!.shape[transposeA ? 0 : 1]!;
  const straight: Product = {
    kind: 'product',
    m,
    n,
    k,
    alpha,
    a,
    b,
    addend,
    out: { ...place, strides: [n, 1] },
  };
  const masks = masksOf(scope, t);
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

/** A matrix as a kernel reads it. */
function operand(scope: Scope, t: Tensor): Operand {
  const view = scope.view(t);
  const axes = byAxis(view.dims, t.shape);
  if (axes !== undefined) return seen(view, axes);
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
  const strides = (view: View): readonly [number, number] | undefined => {
    const all = expanded(view, t.shape, shape);
    const axes = all && byAxis(all.dims, shape);
    if (axes === undefined || axes.some(dims => dims.length > 1)) return undefined;
    return [axes[0]![0]?.stride ?? 0, axes[1]![0]?.stride ?? 0];
  };
  const view = scope.view(t);
  const used = strides(view) ? view : scope.copy(view, sizeOf(t.shape));
  return { buffer: used.buffer, offset: used.offset, strides: strides(used)! };
}

/** Whether an axis is a run of neighbours. */
const unit = (dims: readonly Dim[]): boolean => dims.length === 1 && dims[0]!.stride === 1;
