/** @file A folder of class folders: DIR/class/picture, or DIR/train/class/picture with DIR/test beside it. In: a directory. Out: its pictures as parts.
 *  Only PNG and JPEG belong in a class folder: another file there is refused, since a picture in a format that is not read would be missed silently.
 *  Names that begin with a dot are passed over, as is what lies beside the class folders. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  badContent,
  type Content,
  checkSizes,
  contentLimits,
  type FileDigest,
  type Part,
  sha256,
} from './content.ts';
import { withChannels } from './convert.ts';
import { readFile } from './files.ts';
import { unreadable } from './local.ts';
import { decodePicture, type Picture } from './picture.ts';

/** Pictures read and decoded side by side: enough to keep every core busy, few enough that photographs fit in memory. */
const atOnce = 64;

interface Entry {
  readonly path: string;
  /** Below the root, with slashes on every system. */
  readonly name: string;
  readonly label: string;
}

/** Reads a folder. Of several faults the first by name is told.
 *  @throws DistillError 'bad-data' or 'no-data', naming the picture or folder. */
export async function readFolder(
  root: string,
  size: readonly [number, number] | undefined,
  signal: AbortSignal,
): Promise<Content> {
  const folders = await foldersIn(root);
  const halves = ['train', 'test'].every(name => folders.includes(name));
  if (!halves) return readPart(root, '', size, signal);
  const train = await readPart(join(root, 'train'), 'train/', size, signal);
  const test = await readPart(join(root, 'test'), 'test/', size, signal);
  return { train: train.train, test: test.train, files: [...train.files, ...test.files] };
}

async function readPart(
  directory: string,
  prefix: string,
  size: readonly [number, number] | undefined,
  signal: AbortSignal,
): Promise<Content> {
  const entries = await entriesIn(directory, prefix);
  if (size) checkSizes(entries.length, [...size, 1], directory); // before any is decoded, which may be in vain
  const pictures: Picture[] = [];
  const files: FileDigest[] = [];
  for (let first = 0; first < entries.length; first += atOnce) {
    signal.throwIfAborted();
    const chunk = entries.slice(first, first + atOnce);
    const read = await Promise.allSettled(chunk.map(entry => readPicture(entry, size)));
    for (const [i, outcome] of read.entries()) {
      if (outcome.status === 'rejected') throw outcome.reason;
      const { picture, file } = outcome.value;
      if (first + i === 0) checkSizes(entries.length, picture.shape, directory);
      checkSame(picture, pictures[0] ?? picture, chunk[i]!, entries[0]!);
      pictures.push(picture);
      files.push(file);
    }
  }
  return { train: stacked(pictures, entries, directory), files };
}

async function readPicture(
  { path, name }: Entry,
  size: readonly [number, number] | undefined,
): Promise<{ picture: Picture; file: FileDigest }> {
  const bytes = await readFile(path, contentLimits.pictureBytes);
  return { picture: await decodePicture(bytes, path, size), file: { name, sha256: sha256(bytes) } };
}

function checkSame(picture: Picture, first: Picture, entry: Entry, firstEntry: Entry): void {
  const [height, width] = first.shape;
  if (picture.shape[0] === height && picture.shape[1] === width) return;
  throw badContent(
    entry.path,
    `${height}×${width} pixels as in ${firstEntry.name}`,
    `${picture.shape[0]}×${picture.shape[1]}`,
    'resize all pictures with --image-size HxW',
  );
}

/** One array of all pictures; grey ones among coloured ones become coloured. */
function stacked(pictures: readonly Picture[], entries: readonly Entry[], where: string): Part {
  const [height, width] = pictures[0]!.shape;
  const channels = Math.max(...new Set(pictures.map(({ shape }) => shape[2])));
  const length = height * width * channels;
  checkSizes(pictures.length, [height, width, channels], where);
  const pixels = new Uint8Array(pictures.length * length);
  pictures.forEach((picture, i) => {
    pixels.set(withChannels(picture.pixels, picture.shape[2], channels), i * length);
  });
  return { shape: [height, width, channels], pixels, labels: entries.map(({ label }) => label), where };
}

/** Every picture of every class folder, in the order of the names' code units: the same on every machine. */
async function entriesIn(directory: string, prefix: string): Promise<Entry[]> {
  const labels = await foldersIn(directory);
  const fix = 'name a folder that has one folder of pictures per class, or train/ and test/ of such';
  if (labels.length === 0) throw badContent(directory, 'class folders', 'none', fix);
  const entries: Entry[] = [];
  for (const label of labels) {
    const folder = join(directory, label);
    const inside = await list(folder);
    if (inside.length === 0)
      throw badContent(folder, 'pictures', 'an empty class folder', 'fill or remove it');
    for (const entry of inside) {
      const path = join(folder, entry.name);
      const found = (await isFolder(entry, path)) ? 'a folder' : 'another file';
      if (found === 'a folder' || !/\.(png|jpe?g)$/i.test(entry.name))
        throw badContent(
          path,
          'a .png, .jpg or .jpeg file',
          found,
          `move it out of the class folder, or ${fix}`,
        );
      entries.push({ path, name: `${prefix}${label}/${entry.name}`, label });
    }
  }
  return entries;
}

async function foldersIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await list(directory))
    if (await isFolder(entry, join(directory, entry.name))) names.push(entry.name);
  return names;
}

/** What is in a directory, by name, but for dot files. */
async function list(directory: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw unreadable(directory, cause);
  }
}

/** Links are followed. */
async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await stat(path).catch(cause => Promise.reject(unreadable(path, cause)))).isDirectory();
}
