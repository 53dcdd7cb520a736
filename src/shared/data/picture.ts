/** @file One PNG or JPEG as pixels. In: a file's bytes. Out: (H, W, 1) where the picture is grey, else (H, W, 3). The decoding is sharp's, which is loaded
 *  when the first picture arrives: whoever has none need not have it working. */
import { DistillError, messageOf } from '../errors.ts';
import { badContent, contentLimits, type ImageShape } from './content.ts';

export interface Picture {
  readonly shape: ImageShape;
  readonly pixels: Uint8Array;
}

/** The kernel of --image-size, as Lanczos of three lobes, here and in resize.ts. */
const kernel = 'lanczos3';

async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new DistillError(
      'no-data',
      'sharp',
      {
        expected: 'the package that decodes pictures, with its binary for this machine',
        found: messageOf(cause).slice(0, 120),
        fix: 'install sharp again here (npm install sharp)',
      },
      { cause },
    );
  }
}
let loading: ReturnType<typeof loadSharp> | undefined;

/** A picture that will be resized may be as large as cameras make them. */
const photographPixels = 2 ** 28;

/** Decodes a picture: turned as its EXIF says, transparency on black, 16 bits cut to 8, resized to `size` without regard for its proportions.
 *  @throws DistillError 'bad-data', naming `where`, for anything but a whole PNG or JPEG of at most 4096 × 4096 pixels, or 2²⁸ in all where it is resized. */
export async function decodePicture(
  bytes: Buffer,
  where: string,
  size: readonly [number, number] | undefined,
): Promise<Picture> {
  const grey = isGrey(bytes);
  if (grey === undefined) throw refused(where, 'bytes of another format');
  loading ??= loadSharp();
  const sharp = await loading;
  try {
    const limitInputPixels = size ? photographPixels : contentLimits.side ** 2;
    const image = sharp(bytes, { limitInputPixels, failOn: 'warning' })
      .autoOrient()
      .flatten({ background: '#000' });
    if (size) image.resize({ height: size[0], width: size[1], fit: 'fill', kernel });
    const { data, info } = await image
      .toColourspace(grey ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { shape: [info.height, info.width, info.channels], pixels: data };
  } catch (cause) {
    throw refused(where, messageOf(cause), cause);
  }
}

const refused = (where: string, found: string, cause?: unknown): DistillError =>
  badContent(where, 'a whole PNG or JPEG picture', found, 'replace or remove it', cause);

/** Whether a picture's header says that it has no colours; undefined for what is neither PNG nor JPEG. Read here, as sharp would take half as long
 *  again to tell it; the formats that sharp knows beside these two, such as SVG, never reach it. */
function isGrey(bytes: Buffer): boolean | undefined {
  if (bytes.length > 25 && bytes.readUInt32BE(0) === 0x89504e47) return (bytes[25]! & 2) === 0; // the colour type of IHDR
  if (bytes.length < 12 || bytes.readUIntBE(0, 3) !== 0xffd8ff) return undefined;
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1]!;
    const isFrame = (marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return bytes[at + 9] === 1; // the number of components
  }
  return false; // damaged, as decoding will tell
}
