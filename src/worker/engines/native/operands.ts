/** @file Operands of products: matrices as kernels read them, through their views. Knows views and copies; no product. */
import type { Apply, Tensor } from '../../../shared/graph/index.ts';
import { copyPays, lengthAlong } from './fusion.ts';
import type { Place } from './instructions.ts';
import type { Scope } from './scope.ts';
import { byAxis, type Dim, merged, type View } from './views.ts';

export interface Operand extends Place {
  readonly rows: readonly Dim[];
  readonly columns: readonly Dim[];
}

/** A (m, k) and B (k, n) of a product. */
export function sidesOf(
  scope: Scope,
  t: Apply<'matmul'> | Apply<'gemm'>,
): { readonly a: Operand; readonly b: Operand; readonly k: number } {
  const [m, n] = t.shape as [number, number];
  const { transposeA, transposeB } = t.params;
  const k = t.inputs[0]!.shape[transposeA ? 0 : 1]!;
  const [left, right] = [side(scope, t.inputs[0]!, transposeA), side(scope, t.inputs[1]!, !transposeB)];
  return { a: beside(scope, left, m, right, n, k), b: turned(beside(scope, right, n, left, m, k)), k };
}

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

export const turned = ({ rows, columns, ...place }: Operand): Operand => ({
  ...place,
  rows: columns,
  columns: rows,
});
