/** @file Data sets as NumPy arrays in a .npz: Keras's x_train, y_train, x_test, y_test, or one pair of images and labels. In: a file. Out: its images, not yet
 *  scaled, and labels. The zip and the headers are read by artifacts/npz.ts. */
import { type NpyMember, npyMembers } from '../artifacts/npz.ts';
import { DistillError } from '../errors.ts';
import { badContent, checkSizes, contentLimits, type ImageShape, sha256 } from './content.ts';
import { readFile } from './files.ts';
import { labelOf } from './labels.ts';
import type { Values } from './values.ts';

/** Names of arrays, in the order in which they are looked for: training images and labels, test images and labels. */
const namings = [
  ['x_train', 'y_train', 'x_test', 'y_test'],
  ['images', 'labels'],
  ['x', 'y'],
] as const;

/** Types of elements and what holds them; all fit a double, as far as images and labels use them. */
const arrayTypes = {
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '<u2': Uint16Array,
  '<i2': Int16Array,
  '<u4': Uint32Array,
  '<i4': Int32Array,
  '<u8': BigUint64Array,
  '<i8': BigInt64Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
} as const;

/** The parts of a .npz: one, or training and test.
 *  @throws DistillError 'bad-data', naming the array; 'no-data'. */
export async function readNumpy(path: string): Promise<readonly Values[]> {
  const file = await readFile(path, contentLimits.bytes);
  const members = open(file, path);
  const names = namings.find(([images, labels]) => members.has(images) && members.has(labels));
  const missing = names?.find(name => !members.has(name));
  const bare = names?.slice(2).every(name => !members.has(name)); // no test part at all is no mistake
  if (names === undefined || (missing !== undefined && !bare))
    throw badContent(
      path,
      `arrays ${namings.map(names => names.join(', ')).join(' or ')}`,
      [...members.keys()].slice(0, 10).join(', ') || 'none',
      'save the arrays under these names',
    );
  const digest = sha256(file);
  const pair = (images: string, labels: string): Values =>
    valuesOf(members.get(images)!, members.get(labels)!, digest);
  const train = pair(names[0], names[1]);
  return names.length === 4 && !bare ? [train, pair(names[2], names[3])] : [train];
}

function open(file: Uint8Array, path: string): Map<string, NpyMember> {
  try {
    return npyMembers(file, path, { bytes: contentLimits.bytes, members: 100 });
  } catch (cause) {
    if (!(cause instanceof DistillError)) throw cause;
    const { expected, found } = cause.details;
    throw badContent(cause.where, expected, found, 'save it again with numpy.savez', cause);
  }
}

function valuesOf(images: NpyMember, labels: NpyMember, digest: string): Values {
  const [count = 0, height = 0, width = 0, channels = 1] = images.shape;
  if (images.shape.length < 3 || images.shape.length > 4)
    throw badContent(images.where, 'images (n, H, W) or (n, H, W, C)', `(${images.shape.join(', ')})`);
  const shape: ImageShape = [height, width, channels];
  checkSizes(count, shape, images.where);
  const classes = classesOf(labels);
  if (classes.length !== count)
    throw badContent(labels.where, `${count} labels, one per image`, `${classes.length}`);
  return {
    values: elements(images),
    shape,
    labels: classes,
    where: images.where,
    whereOf: i => `${images.where}: image ${Math.floor(i / (height * width * channels))}`,
    sha256: digest,
  };
}

/** Labels (n), (n, 1), or one-hot (n, K). */
function classesOf(labels: NpyMember): string[] {
  const [count = 0, columns = 1] = labels.shape;
  const { shape, where } = labels;
  if (shape.length < 1 || shape.length > 2)
    throw badContent(where, 'labels (n) or one-hot (n, K)', `(${shape.join(', ')})`);
  const values = elements(labels);
  const at = (i: number): string => `${where}: label ${i}`;
  if (columns === 1) return Array.from(values, (value, i) => labelOf(value, at(i)));
  return Array.from({ length: count }, (_, i) => {
    const row = Array.from({ length: columns }, (_, k) => values[i * columns + k]!);
    if (row.filter(value => value === 1).length !== 1 || row.some(value => value !== 0 && value !== 1))
      throw badContent(at(i), `one 1 among ${columns} values, the others 0`, row.slice(0, 10).join(', '));
    return String(row.indexOf(1));
  });
}

/** The elements as numbers, once there are as many as the shape says. */
function elements({ type, shape, data, where }: NpyMember): ArrayLike<number> {
  if (!Object.hasOwn(arrayTypes, type))
    throw badContent(where, `elements of type ${Object.keys(arrayTypes).join(', ')}`, type);
  const Elements = arrayTypes[type as keyof typeof arrayTypes];
  const count = shape.reduce((a, b) => a * b, 1);
  if (count * Elements.BYTES_PER_ELEMENT !== data.length)
    throw badContent(where, `the bytes of ${type} (${shape.join(', ')})`, `${data.length} bytes`);
  const array = new Elements(new Uint8Array(data).buffer);
  return array instanceof BigInt64Array || array instanceof BigUint64Array
    ? Float64Array.from(array, Number)
    : array;
}
