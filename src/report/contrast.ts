/** @file From unbounded pixel values to bytes, so that what stands out in the values stands out in the picture. */

/** The values shown as black and as white; what lies beyond is clipped in the picture. */
export interface Contrast {
  readonly low: number;
  readonly high: number;
}

/** The 1st and 99th percentile of all finite values (nearest rank): distilled images have a few pixels far out, by which a scale from least to
 *  greatest would be all grey. Values that are all the same come out as black. */
export function contrastOf(values: Float32Array): Contrast {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.01), at(0.99)];
  return high > low ? { low, high } : { low, high: low + 1 };
}

/** Bytes of the values: `low` 0, `high` 255, linear between, clipped beyond; what is no number is 0. */
export function toBytes(values: Float32Array, { low, high }: Contrast): Uint8Array {
  return Uint8Array.from(
    values,
    value => Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))) || 0,
  );
}
