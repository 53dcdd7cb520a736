/** @file Images as numbers of any range, made to bytes. Which number is white is told, or follows from the largest one. */
import type { ImageShape, Part } from './content.ts';
import { toBytes, whiteOf } from './options.ts';

/** Images of a file, not yet scaled. */
export interface Values {
  readonly values: ArrayLike<number>;
  readonly shape: ImageShape;
  readonly labels: readonly string[];
  readonly where: string;
  /** The place of value `index`, for messages. */
  readonly whereOf: (index: number) => string;
  readonly sha256: string;
}

/** White for all parts together, so that one data set has one scale. Bytes are what they are, unless told. */
export function commonWhite(parts: readonly Pick<Values, 'values'>[], pixelMax: number | 'auto'): number {
  if (pixelMax === 'auto' && parts.every(({ values }) => values instanceof Uint8Array)) return 255;
  return whiteOf(
    pixelMax,
    parts.reduce((most, { values }) => Math.max(most, largest(values)), 0),
  );
}

/** Scaled to bytes. @throws DistillError 'bad-data' for a value below 0, above white or not a number. */
export function scaled(
  { values, shape, labels, where, whereOf }: Omit<Values, 'sha256'>,
  white: number,
): Part {
  if (values instanceof Uint8Array && white === 255) return { shape, pixels: values, labels, where };
  return { shape, pixels: toBytes(values, white, new Uint8Array(values.length), whereOf), labels, where };
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
