/** @file In which order a matrix is read: where all who read it see its columns transposed, it is better computed so. Pure; knows tensors and how they are used. */
import { isApply, sameShape, type Tensor } from '../../../shared/graph/index.ts';
import { byAxis, type Dim, merged } from './views.ts';

/** The axes of a tensor, and which of them come first where it is read. */
export interface ReadingOrder {
  readonly sizes: readonly number[];
  readonly perm: readonly number[];
}

/** The order in which `t` is read, if there is only one, which is not its own. Its rows and the innermost axis stay what they are.
 *  @param readers all tensors that read one, or undefined where it is seen from outside */
export function readingOrder(
  t: Tensor,
  readers: (t: Tensor) => readonly Tensor[] | undefined,
): ReadingOrder | undefined {
  const [reader, ...more] = readers(t) ?? [];
  if (reader === undefined || more.length > 0) return undefined;
  if (isApply(reader, 'reshape')) return readingOrder(reader, readers);
  if (isApply(reader, 'gemm') && reader.inputs[2] === t && sameShape(t.shape, reader.shape))
    return readingOrder(reader, readers);
  if (!isApply(reader, 'transpose')) return undefined;
  const { perm } = reader.params;
  return perm[0] === 0 && perm.at(-1) === perm.length - 1 ? { sizes: t.shape, perm } : undefined;
}

/** Columns in another order; undefined where they do not show these axes. */
export function reordered(columns: readonly Dim[], { sizes, perm }: ReadingOrder): Dim[] | undefined {
  const axes = byAxis(columns, sizes.slice(1));
  return axes && merged(perm.slice(1).flatMap(axis => axes[axis - 1]!));
}
