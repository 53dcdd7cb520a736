/** @file What a data set is to the rest of the house: raw pixels and labels in shared memory, and how to bring pixels into the space a network sees.
 *  Knows no file format and no download: those are its neighbours. */

/** n images of H×W×C raw pixels 0…255 (row-major n, h, w, c) and their labels 0…K-1. Both arrays lie on SharedArrayBuffers, so every worker thread sees the one copy. */
export interface ImageSet {
  readonly count: number;
  readonly images: Uint8Array<SharedArrayBuffer>;
  readonly labels: Uint8Array<SharedArrayBuffer>;
}

/** Per-channel statistics of the training pixels scaled to [0, 1]; the network sees (pixel/255 − mean)/std. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** A data set, read whole into memory. */
export interface DataSet {
  readonly name: string;
  /** One name per class; its length is K. */
  readonly classNames: readonly string[];
  /** (H, W, C). */
  readonly imageShape: readonly [number, number, number];
  readonly train: ImageSet;
  readonly test: ImageSet;
  readonly normalisation: Normalisation;
  /** sha256 (hex). Of IDX files over their contents, decompressed, in the order train images, train labels, test images, test labels; of others over their
   *  names and contents, the images' shape and the choices of the reading. The same on every machine. */
  readonly checksum: string;
  /** Where it was read from, for people. */
  readonly source: string;
}
