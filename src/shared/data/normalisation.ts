/** @file Mean and spread of pixels. In: raw pixels. Out: the statistics a network's input is normalised with. From a histogram of whole numbers, so
 *  the result depends on no order of summation. */
import type { Normalisation } from './types.ts';

/** Per-channel mean and standard deviation (of the population, not of a sample) of pixels scaled to [0, 1].
 *  @param pixels    (…, C), channels last, 0 … 255, at least one pixel
 *  @param channels  C ≥ 1
 *  @returns         C means in [0, 1] and C deviations > 0: a channel that never changes gets 1, so that dividing by it does nothing. */
export function normalisationOf(pixels: Uint8Array, channels: number): Normalisation {
  const statistics = histograms(pixels, channels).map(meanAndDeviation);
  return { mean: statistics.map(([mean]) => mean), std: statistics.map(([, std]) => std || 1) };
}

/** How often each channel has each of the 256 values. */
function histograms(pixels: Uint8Array, channels: number): Uint32Array[] {
  const all = Array.from({ length: channels }, () => new Uint32Array(256));
  for (let c = 0; c < channels; c++) {
    const bins = all[c]!;
    for (let i = c; i < pixels.length; i += channels) bins[pixels[i]!]!++;
  }
  return all;
}

function meanAndDeviation(bins: Uint32Array): [number, number] {
  const count = bins.reduce((sum, n) => sum + n, 0);
  const mean = bins.reduce((sum, n, value) => sum + n * value, 0) / count; // sums of integers below 2⁵³: exact
  const variance = bins.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / count;
  return [mean / 255, Math.sqrt(variance) / 255];
}
