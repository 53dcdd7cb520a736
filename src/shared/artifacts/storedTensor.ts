/** @file Arrays as the file formats here store them: little-endian, row-major, with a shape. Weak spot: the host's byte order is taken for
 *  little-endian, which holds on every platform that Node 20 has builds for but s390x. */

/** An array and its shape, outermost axis first; [] is a scalar of one element. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Uint8Array;
}

/** Element types: their names in safetensors and in NumPy's .npy, bytes per element, constructor. */
export const elementTypes = {
  F64: { npy: '<f8', bytes: 8, array: Float64Array },
  F32: { npy: '<f4', bytes: 4, array: Float32Array },
  I32: { npy: '<i4', bytes: 4, array: Int32Array },
  U8: { npy: '|u1', bytes: 1, array: Uint8Array },
} as const;

export type ElementType = keyof typeof elementTypes;

export const elementTypeNames = Object.keys(elementTypes) as ElementType[];

/** Enough for any tensor here (images have 4 axes), few enough that no message or loop grows with a hostile header. */
export const maxRank = 8;

export const showShape = (shape: readonly number[]): string => `(${shape.join(', ')})`;

/** Number of elements; inexact, but never by so much that it could be mistaken for a file's size, above 2^53. */
export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((count, axis) => count * axis, 1);

export function elementTypeOf({ data }: StoredTensor): ElementType {
  return elementTypeNames.find(type => data instanceof elementTypes[type].array)!;
}

/** The tensor's bytes, not copied. */
export const bytesOf = ({ data }: StoredTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A tensor over a copy of `bytes`, whose length fits `shape`. */
export function tensorFrom(type: ElementType, shape: readonly number[], bytes: Uint8Array): StoredTensor {
  return { shape, data: new elementTypes[type].array(new Uint8Array(bytes).buffer) };
}

/** @throws RangeError when a tensor about to be written has axes that are no sizes, too many of them, or not as many elements as they say. */
export function assertWhole(name: string, { shape, data }: StoredTensor): void {
  const sizes = shape.every(axis => Number.isSafeInteger(axis) && axis >= 0);
  if (!sizes || shape.length > maxRank || elementCount(shape) !== data.length)
    throw new RangeError(`tensor ${name}: shape ${showShape(shape)} does not fit ${data.length} elements`);
}
