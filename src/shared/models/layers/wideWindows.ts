/** @file Windows of all that p×p neighbouring pixels of a convolution see: fewer columns, each used for p² rows of kernels. */
import { constant, matmul, reshape, type Tensor, transpose } from '../../graph/index.ts';
import type { Sliding } from './sliding.ts';

/** Whether windows of k+p−1 pay: they cost (k+p−1)²/k² times the arithmetic, and read a p²-th of the columns. */
export const isWide = ({ size: [k, across], stride }: Sliding, p: number): boolean =>
  k === across && stride.every(step => step === 1) && 2 * (k + p - 1) ** 2 <= 3 * k ** 2;

/** The kernel (k, k, c, f) at each of p×p offsets in a window of k+p−1: (window²·c, f·p²). The same window then gives p×p neighbouring pixels. Placing is a
 *  product with a constant matrix of zeros and ones, one node where padding and joining would be a dozen. */
export function wideKernels(kernel: Tensor, p: number): Tensor {
  const [k, , channels, filters] = kernel.shape as [number, number, number, number];
  const window = k + p - 1;
  const place = new Float64Array(p * p * window * window * k * k);
  for (let phase = 0; phase < p * p; phase++)
    for (let tap = 0; tap < k * k; tap++) {
      const [row, column] = [Math.floor(phase / p) + Math.floor(tap / k), (phase % p) + (tap % k)];
      place[((phase * window + row) * window + column) * k * k + tap] = 1;
    }
  const placed = matmul(
    constant(place, [p * p * window * window, k * k]),
    reshape(kernel, [k * k, channels * filters]),
  );
  const byWindow = transpose(reshape(placed, [p * p, window * window, channels, filters]), [1, 2, 3, 0]);
  return reshape(byWindow, [window * window * channels, filters * p * p]);
}
