/** @file Pixel units, where real images lie in [0, 1], and the network's space, where they are normalised by channel. Arrays are (…, C), channel last. */
import type { Normalisation } from './types.ts';

/** (pixel − mean)/std. */
export const toNetworkSpace = (pixels: Float32Array, { mean, std }: Normalisation): Float32Array =>
  pixels.map((v, i) => (v - mean[i % mean.length]!) / std[i % std.length]!);

/** Its inverse. Values are not clipped: distilled images lie where they like. */
export const toPixelUnits = (values: Float32Array, { mean, std }: Normalisation): Float32Array =>
  values.map((v, i) => v * std[i % std.length]! + mean[i % mean.length]!);
