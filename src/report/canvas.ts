/** @file A raster of bytes with the two things that a sheet of images needs drawn: magnified images and text. Knows no class and no file. */
import { inkOf } from './font.ts';

/** height × width × channels bytes, row-major; 1 channel is grey, 3 are RGB. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

export function canvas(width: number, height: number, channels: number, background: number): Canvas {
  return { width, height, channels, data: new Uint8Array(width * height * channels).fill(background) };
}

/** A square of `size` pixels with its corner at (x, y), of one colour (a value per channel); what lies outside is left out. */
function square(
  { width, height, channels, data }: Canvas,
  x: number,
  y: number,
  size: number,
  colour: Uint8Array,
) {
  for (let row = Math.max(0, y); row < Math.min(height, y + size); row++)
    for (let column = Math.max(0, x); column < Math.min(width, x + size); column++)
      data.set(colour, (row * width + column) * channels);
}

/** Draws an image of bytes (imageHeight, imageWidth, channels of the canvas), each pixel as a square of `factor`² pixels. */
export function drawImage(
  to: Canvas,
  x: number,
  y: number,
  image: Uint8Array,
  imageWidth: number,
  factor: number,
): void {
  for (let i = 0; i * to.channels < image.length; i++) {
    const [column, row] = [i % imageWidth, Math.floor(i / imageWidth)];
    const colour = image.subarray(i * to.channels, (i + 1) * to.channels);
    square(to, x + column * factor, y + row * factor, factor, colour);
  }
}

/** Writes one line of text with the upper left corner at (x, y), each dot of the font as a square of `factor`² pixels. */
export function drawText(to: Canvas, x: number, y: number, text: string, factor: number, grey: number): void {
  const colour = new Uint8Array(to.channels).fill(grey);
  for (const [column, row] of inkOf(text)) square(to, x + column * factor, y + row * factor, factor, colour);
}
