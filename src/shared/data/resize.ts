/** @file Many images of one size resized to another: Lanczos of three lobes, stretched where it shrinks, so that every pixel counts. In: (n, H, W, C). Out:
 *  (n, H', W', C). Our own few lines beside sharp, which takes 0.4 ms for each image however small it is, a minute for MNIST: here it is a second,
 *  and the same bytes on every machine. */

const lobes = 3;

/** For each pixel of the new side: the first pixel of the old one that counts, and the weights from there on. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

/** Images (n, H, W, C) in another height and width; the proportions are not kept. */
export function resized(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  [newHeight, newWidth]: readonly [number, number],
): Uint8Array {
  const count = pixels.length / (height * width * channels);
  const [across, down] = [tapsOf(width, newWidth), tapsOf(height, newHeight)];
  const rows = new Float64Array(height * newWidth * channels);
  const out = new Uint8ClampedArray(count * newHeight * newWidth * channels); // rounds, and cuts the overshoot at an edge
  const step = newHeight * newWidth * channels;
  for (let n = 0; n < count; n++) {
    const image = pixels.subarray(n * height * width * channels, (n + 1) * height * width * channels);
    along(image, across, height, width, channels, rows);
    along(rows, down, 1, height, newWidth * channels, out.subarray(n * step, (n + 1) * step));
  }
  return new Uint8Array(out.buffer);
}

/** (outer, side, inner) → (outer, new side, inner). */
function along(
  from: Uint8Array | Float64Array,
  { first, weights }: Taps,
  outer: number,
  side: number,
  inner: number,
  into: Float64Array | Uint8ClampedArray,
): void {
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let x = 0; x < first.length; x++) {
      const taps = weights[x]!;
      const start = (o * side + first[x]!) * inner;
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let t = 0; t < taps.length; t++) sum += taps[t]! * from[start + t * inner + i]!;
        into[at++] = sum;
      }
    }
}

function tapsOf(side: number, newSide: number): Taps {
  const scale = side / newSide;
  const stretch = Math.max(1, scale);
  const first = new Int32Array(newSide);
  const weights = Array.from({ length: newSide }, (_, x) => {
    const centre = (x + 0.5) * scale - 0.5;
    const begin = Math.max(0, Math.ceil(centre - lobes * stretch));
    const end = Math.min(side - 1, Math.floor(centre + lobes * stretch));
    first[x] = begin;
    const raw = Float64Array.from({ length: end - begin + 1 }, (_, t) =>
      lanczos((begin + t - centre) / stretch),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    return raw.map(weight => weight / sum);
  });
  return { first, weights };
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}
