/** @file What the readers of files hand over, before it is one data set: parts with their pixels and the classes' names, and what was read.
 *  Knows no file format. */
import { createHash } from 'node:crypto';
import { DistillError } from '../errors.ts';

/** (H, W, C). */
export type ImageShape = readonly [number, number, number];

/** Images of one shape. */
export interface Images {
  readonly shape: ImageShape;
  /** (n, H, W, C), 0 … 255. */
  readonly pixels: Uint8Array;
  /** The file or folder, for messages. */
  readonly where: string;
}

/** Images, and the class of each as its file calls it. */
export interface Part extends Images {
  readonly labels: readonly string[];
}

/** A file that was read: its name below the data set's root, and the sha256 of its bytes. */
export interface FileDigest {
  readonly name: string;
  readonly sha256: string;
}

/** All that was read from a path. */
export interface Content {
  readonly train: Part;
  /** Absent when the files have no test part. */
  readonly test?: Part | undefined;
  readonly files: readonly FileDigest[];
  /** Choices that decided how the files were read, for the checksum and for people. */
  readonly choices?: Readonly<Record<string, string | number>>;
}

/** What is believed of data that arrive. `parseIdx` has its own limits for IDX files. */
export const contentLimits = {
  /** Images of a part: fifteen times the largest set that is usually distilled. */
  images: 1_000_000,
  /** Pixels along one side of an image; beyond it nobody distils. */
  side: 4096,
  /** Pixel bytes of a part, and bytes of a file, packed and unpacked: what fits in memory beside its copy. */
  bytes: 2 ** 30,
  /** Bytes of one picture's file: a photograph of 50 megapixels has half. */
  pictureBytes: 2 ** 26,
  /** Labels are bytes. */
  classes: 256,
} as const;

/** The error for content that is not what it should be. */
export function badContent(
  where: string,
  expected: string,
  found: string,
  fix = 'correct the data, or name other data with --dataset',
  cause?: unknown,
): DistillError {
  return new DistillError('bad-data', where, { expected, found, fix }, { cause });
}

/** The error for an option that does not go with the data. */
export const misplaced = (option: string, expected: string, found: string, fix: string): DistillError =>
  new DistillError('usage', option, { expected, found, fix });

/** Checks sizes before memory is taken for them.
 *  @throws DistillError 'bad-data' for no images, images without pixels, or anything beyond `contentLimits`. */
export function checkSizes(count: number, [height, width, channels]: ImageShape, where: string): void {
  const { images, side, bytes } = contentLimits;
  const shape = `${height}×${width}×${channels}`;
  if (count < 1 || count > images) throw badContent(where, `1 to ${images} images`, `${count}`);
  if (Math.min(height, width) < 1 || Math.max(height, width) > side)
    throw badContent(where, `images of 1 to ${side} pixels a side`, shape);
  if (channels !== 1 && channels !== 3) throw badContent(where, 'images of 1 or 3 channels', shape);
  if (count * height * width * channels > bytes)
    throw badContent(where, `at most ${bytes} bytes of pixels`, `${count} images of ${shape}`, smaller);
}

const smaller = 'use fewer images, or make them smaller with --image-size';

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');
