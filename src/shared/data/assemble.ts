/** @file From parts that were read to a data set: one shape, classes as numbers, a test part, pixels in shared memory, the checksum. */
import { permutation, stream } from '../random/index.ts';
import { badContent, type Content, type ImageShape, type Part, sha256 } from './content.ts';
import { convert } from './convert.ts';
import { classesOf } from './labels.ts';
import { normalisationOf } from './normalisation.ts';
import { type ReadingOptions, sizeOf } from './options.ts';
import type { DataSet, ImageSet } from './types.ts';

/** Shared by all runs, whatever their seed: the test part of a data set must never change. */
const testSeed = 0;

const usualTestShare = 0.2;

/** The data set of `content`. Its checksum covers files and choices, and changes with nothing else.
 *  @throws DistillError 'bad-data' when parts do not fit each other or a class has too few images. */
export function assemble(
  content: Content,
  options: ReadingOptions,
  { name, source, classNames }: Pick<DataSet, 'name' | 'source'> & { classNames?: readonly string[] },
): DataSet {
  const { train, test } = content;
  const shape = shapeOf(train, test, options);
  const names = classNames ?? classesOf(train.labels, test?.labels ?? [], train.where);
  const share = test ? undefined : (options.testShare ?? usualTestShare);
  const [training, testing] = share === undefined ? [undefined, undefined] : heldOut(train, names, share);
  const converted = { ...train, shape, pixels: convert(train, shape) };
  const trainSet = imageSet(converted, names, training);
  const choices = { ...content.choices, ...(share !== undefined && { testShare: share }) };
  const files = [...content.files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name,
    classNames: names,
    imageShape: shape,
    train: trainSet,
    test: test
      ? imageSet({ ...test, shape, pixels: convert(test, shape) }, names)
      : imageSet(converted, names, testing),
    normalisation: normalisationOf(trainSet.images, shape[2]),
    checksum: sha256(JSON.stringify([files.map(file => [file.name, file.sha256]), shape, choices])),
    source: [source, ...Object.entries(choices).map(([choice, value]) => `${choice} ${value}`)].join(', '),
  };
}

/** The one shape of all images: that of the files, unless told; coloured as soon as one part is. */
function shapeOf(train: Part, test: Part | undefined, { imageSize, channels }: ReadingOptions): ImageShape {
  const size = sizeOf(imageSize);
  const [height, width, own] = train.shape;
  if (!size && test && (test.shape[0] !== height || test.shape[1] !== width))
    throw badContent(
      test.where,
      `images of ${height}×${width} as in ${train.where}`,
      `${test.shape[0]}×${test.shape[1]}`,
      'resize all images with --image-size HxW',
    );
  return [...(size ?? ([height, width] as const)), channels ?? Math.max(own, test?.shape[2] ?? 1)];
}

/** A share of each class, one image at least, at random; what is left of it is for training. Both in the files' order. */
function heldOut(part: Part, classNames: readonly string[], share: number): [number[], number[]] {
  const members = new Map(classNames.map(name => [name, [] as number[]]));
  part.labels.forEach((label, i) => members.get(label)!.push(i));
  const testing = [...members].flatMap(([name, indices], c) => {
    if (indices.length < 2)
      throw badContent(
        part.where,
        `2 images of class '${name}', one for training and one for the test`,
        `${indices.length}`,
        'add images, or name a test part with --test-data',
      );
    const count = Math.min(indices.length - 1, Math.max(1, Math.round(share * indices.length)));
    const order = permutation(indices.length, stream(testSeed, 'testPart', c));
    return Array.from(order.subarray(0, count), i => indices[i]!);
  });
  const chosen = new Set(testing);
  return [part.labels.map((_, i) => i).filter(i => !chosen.has(i)), testing.sort((a, b) => a - b)];
}

/** The images of a part, or those at `indices`, in shared memory. */
function imageSet(part: Part, classNames: readonly string[], indices?: readonly number[]): ImageSet {
  const length = part.shape.reduce((a, b) => a * b, 1);
  const count = indices?.length ?? part.labels.length;
  const numbers = new Map(classNames.map((name, c) => [name, c]));
  const images = new Uint8Array(new SharedArrayBuffer(count * length));
  const labels = new Uint8Array(new SharedArrayBuffer(count));
  if (!indices) images.set(part.pixels);
  for (let n = 0; n < count; n++) {
    const i = indices?.[n] ?? n;
    if (indices) images.set(part.pixels.subarray(i * length, (i + 1) * length), n * length);
    labels[n] = numbers.get(part.labels[i]!)!;
  }
  return { count, images, labels };
}
