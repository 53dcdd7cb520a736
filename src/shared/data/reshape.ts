/** @file A data set that is loaded, in another size or number of channels. */
import { sha256 } from './content.ts';
import { convert } from './convert.ts';
import { normalisationOf } from './normalisation.ts';
import { type ReadingOptions, sizeOf } from './options.ts';
import type { DataSet, ImageSet } from './types.ts';

/** The data set as --image-size and --channels want it; itself, checksum included, where it is so already. */
export function reshaped(data: DataSet, { imageSize, channels }: ReadingOptions): DataSet {
  const [height, width, own] = data.imageShape;
  const shape = [...(sizeOf(imageSize) ?? ([height, width] as const)), channels ?? own] as const;
  if (`${shape}` === `${data.imageShape}`) return data;
  const turn = (set: ImageSet): ImageSet => {
    const pixels = convert({ shape: data.imageShape, pixels: set.images, where: data.source }, shape);
    const images = new Uint8Array(new SharedArrayBuffer(pixels.length));
    images.set(pixels);
    return { ...set, images };
  };
  const train = turn(data.train);
  return {
    ...data,
    imageShape: shape,
    train,
    test: turn(data.test),
    normalisation: normalisationOf(train.images, shape[2]),
    checksum: sha256(JSON.stringify([data.checksum, shape])),
  };
}
