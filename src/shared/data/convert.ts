/** @file Images brought to a wanted size and number of channels. In: images. Out: their pixels as wanted, the same array if they are so already. */
import { checkSizes, type ImageShape, type Images } from './content.ts';
import { resized } from './resize.ts';

/** The pixels in the shape `wanted`: resized first, then coloured or made grey. */
export function convert({ pixels, shape, where }: Images, wanted: ImageShape): Uint8Array {
  const [height, width, channels] = shape;
  const count = pixels.length / (height * width * channels);
  checkSizes(count, [wanted[0], wanted[1], channels], where);
  checkSizes(count, wanted, where);
  const sameSize = height === wanted[0] && width === wanted[1];
  const sized = sameSize ? pixels : resized(pixels, shape, [wanted[0], wanted[1]]);
  return withChannels(sized, channels, wanted[2]);
}

/** Pixels of `from` channels with `to` of them. Grey is red = green = blue; colour becomes grey by its luma (ITU-R BT.601), as in most programs. */
export function withChannels(pixels: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return pixels;
  const out = new Uint8Array((pixels.length / from) * to);
  if (from === 1) for (let i = 0; i < out.length; i++) out[i] = pixels[Math.floor(i / 3)]!;
  else
    for (let i = 0; i < out.length; i++)
      out[i] = Math.round(
        (299 * pixels[3 * i]! + 587 * pixels[3 * i + 1]! + 114 * pixels[3 * i + 2]!) / 1000,
      );
  return out;
}
