/** @file The distilled images as one picture: a PNG, a column per class under its name. In: images, labels, class names; out: the file's bytes,
 *  the same for the same images on every machine. Weak spot: one scale of grey for all images, so a very faint one stays faint. */
import { encode } from 'fast-png';
import { type Canvas, canvas, drawImage, drawText } from './canvas.ts';
import { contrastOf, toBytes } from './contrast.ts';
import { shorten, widthOf } from './font.ts';
import { layOut } from './layout.ts';

/** What a sheet shows. */
export interface SheetInput {
  /** (M, H, W, C) in pixel units, real ones in [0, 1], these anywhere. */
  readonly images: Float32Array;
  /** (H, W, C): C = 3 is shown in colour, else the mean over the channels in grey. */
  readonly imageShape: readonly [number, number, number];
  /** (M, K); an image belongs to the class of its largest label, the first among equals. */
  readonly labels: Float32Array;
  /** K names. */
  readonly classNames: readonly string[];
}

const [paper, ink] = [248, 40];

/** The sheet as PNG, 8 bits, grey or RGB. Each pixel is a square of whole pixels. Black to white is the range from the 1st to the 99th
 *  percentile of all pixel values of the sheet, clipped beyond it; the text chunk `Description` tells the two values.
 *  Cost: about 0.1 s for 100 images of 28×28.
 *  @throws RangeError when the sizes of images, labels and names do not fit together. */
export function imageSheet({ images, imageShape, labels, classNames }: SheetInput): Uint8Array {
  const [h, w, c] = imageShape;
  const count = images.length / (h * w * c);
  if (!Number.isInteger(count) || count < 1 || labels.length !== count * classNames.length)
    throw new RangeError(
      `${images.length} pixels of (${imageShape}) and ${labels.length} labels of ${classNames.length}`,
    );
  const classes = Array.from({ length: count }, (_, m) =>
    largest(labels.subarray(m * classNames.length, (m + 1) * classNames.length)),
  );
  const shown = c === 3 ? images : meanOverChannels(images, c);
  const contrast = contrastOf(shown);
  const bytes = toBytes(shown, contrast);
  const layout = layOut(classes, [h, w]);
  const sheet = canvas(layout.width, layout.height, c === 3 ? 3 : 1, paper);
  const size = bytes.length / count;
  for (const { image, x, y } of layout.images)
    drawImage(sheet, x, y, bytes.subarray(image * size, (image + 1) * size), w, layout.factor);
  for (const title of layout.titles) drawTitle(sheet, title, w * layout.factor, classNames[title.class]!);
  return encode(
    { ...sheet, depth: 8, text: { Title: 'Distilled images', Description: describe(contrast) } },
    { zlib: { level: 9 } },
  );
}

const describe = ({ low, high }: { low: number; high: number }): string =>
  `Black is a pixel value of ${low.toPrecision(4)} or less, white of ${high.toPrecision(4)} or more: ` +
  'the 1st and 99th percentile of all pixels of the sheet. Real images lie in [0, 1].';

/** Centred over its column, in letters of twice their size where a name has room for them. */
function drawTitle(
  sheet: Canvas,
  { x, y }: { x: number; y: number },
  columnWidth: number,
  name: string,
): void {
  const factor = widthOf(name) * 2 <= columnWidth ? 2 : 1;
  const text = shorten(name, columnWidth / factor);
  const left = x + Math.floor((columnWidth - widthOf(text) * factor) / 2);
  drawText(sheet, left, y + (2 - factor) * 7, text, factor, ink); // on one base line, whatever their size
}

const largest = (values: Float32Array): number =>
  values.reduce((best, value, k) => (value > values[best]! ? k : best), 0);

function meanOverChannels(images: Float32Array, channels: number): Float32Array {
  if (channels === 1) return images;
  return Float32Array.from({ length: images.length / channels }, (_, i) => {
    const pixel = images.subarray(i * channels, (i + 1) * channels);
    return pixel.reduce((sum, value) => sum + value, 0) / channels;
  });
}
