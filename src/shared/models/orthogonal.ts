/** @file Random matrices with orthonormal rows or columns. In: a size and a stream. Out: their elements. Source: Saxe et al. 2014, arXiv:1312.6120. */
import type { Stream } from '../random/index.ts';

/** Q (rows, columns), row-major, of the QR decomposition of a normal matrix, with the signs that make the diagonal of R positive: each orthogonal matrix is
 *  as likely as any other. Its shorter side is orthonormal: QᵀQ = 1, or QQᵀ = 1 where there are fewer rows than columns. */
export function orthogonal(rows: number, columns: number, random: Stream): Float64Array {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const q = orthonormal(count, length, random);
  if (rows < columns) return q;
  return Float64Array.from(
    { length: rows * columns },
    (_, i) => q[(i % columns) * rows + Math.floor(i / columns)]!,
  );
}

/** `count` orthonormal vectors, one after the other: normal ones, from each of which its share in those before it is taken off (modified Gram–Schmidt). */
function orthonormal(count: number, length: number, random: Stream): Float64Array {
  const q = Float64Array.from({ length: count * length }, () => random.normal());
  for (let j = 0; j < count; j++) {
    const vector = q.subarray(j * length, (j + 1) * length);
    // Where little is left, rounding is a large part of it: once more, which is enough (Giraud et al. 2005).
    for (let [before, after] = [Infinity, norm(vector)]; after < before / 2; ) {
      before = after;
      for (let i = 0; i < j; i++) subtractShare(vector, q.subarray(i * length, (i + 1) * length));
      after = norm(vector);
    }
    const size = norm(vector);
    for (let n = 0; n < length; n++) vector[n]! /= size;
  }
  return q;
}

/** x ← x − (x·u) u, for a unit vector u. */
function subtractShare(x: Float64Array, u: Float64Array): void {
  const share = dot(x, u);
  for (let n = 0; n < x.length; n++) x[n]! -= share * u[n]!;
}

const norm = (x: Float64Array): number => Math.sqrt(dot(x, x));

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let n = 0; n < a.length; n++) total += a[n]! * b[n]!;
  return total;
}
