/** @file The options that say how data are read, and their checks. In: values as a user gives them. Out: numbers. */
import { badContent, contentLimits, misplaced } from './content.ts';

/** How files that are no IDX files are read, and what becomes of the images. */
export interface ReadingOptions {
  /** CSV: the column of the labels, by its name in the header, its number from 0, 'first' or 'last'. */
  readonly labelColumn?: string | undefined;
  /** CSV and npz: the value of a white pixel; 'auto' takes 1, 16 or 255, the least that no pixel exceeds. */
  readonly pixelMax?: number | 'auto' | undefined;
  /** Share of each class that is held out as test part where the files have none; 0.2 unless told. */
  readonly testShare?: number | undefined;
  /** A second file or folder of the same kind that is the test part. */
  readonly testData?: string | undefined;
  /** Height and width that every image is resized to: '28x28' or '28'. */
  readonly imageSize?: string | undefined;
  /** 1 makes all images grey, 3 gives all images colours. */
  readonly channels?: 1 | 3 | undefined;
}

export const imageSizePattern = /^(\d{1,4})(?:x(\d{1,4}))?$/;

/** '28x20' → [28, 20]; '28' → [28, 28]. @throws DistillError 'usage' for anything else. */
export function sizeOf(imageSize: string | undefined): readonly [number, number] | undefined {
  if (imageSize === undefined) return undefined;
  const [, height = '', width = height] = imageSizePattern.exec(imageSize) ?? [];
  const size = [Number(height), Number(width)] as const;
  if (size.some(side => side < 1 || side > contentLimits.side))
    throw misplaced(
      'imageSize',
      `height and width of 1 to ${contentLimits.side}, such as 28x28`,
      `'${imageSize}'`,
      'correct it',
    );
  return size;
}

/** The white of pixels whose largest is `largest`. */
export const whiteOf = (pixelMax: number | 'auto', largest: number): number =>
  pixelMax !== 'auto' ? pixelMax : largest <= 1 ? 1 : largest <= 16 ? 16 : 255;

/** Values 0 … white as bytes: value/white × 255, rounded, so that no pixel is off by more than 1/510 of white. */
export function toBytes(
  values: ArrayLike<number>,
  white: number,
  into: Uint8Array,
  where: (index: number) => string,
): Uint8Array {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= white))
      throw badContent(
        where(i),
        `pixels of 0 to ${white}`,
        `${value}`,
        'correct it, or name the value of white with --pixel-max',
      );
    into[i] = Math.round((value / white) * 255);
  }
  return into;
}
