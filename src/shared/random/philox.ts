/** @file Philox4x32-10, a counter-based generator: 128 random bits as a pure function of a counter and a key.
 *  Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the check vectors of its reference code are in the tests. */

const [m0, m1, w0, w1] = [0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85];

/** Ten rounds over a counter of four 32-bit words under a key of two. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = [multiplyHigh(m0, c0), Math.imul(m0, c0)];
    const [high1, low1] = [multiplyHigh(m1, c2), Math.imul(m1, c2)];
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + w0) | 0;
    k1 = (k1 + w1) | 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const [al, ah, bl, bh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = ah * bl + ((al * bl) >>> 16);
  const cross = al * bh + (middle & 0xffff);
  return (ah * bh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) | 0;
}
