/** @file Files of made-up data sets that the tests of other kinds than IDX share: pictures, CSV, NumPy arrays, and where they are put. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { scratchDirectory } from './scratch.ts';

export type Files = Readonly<Record<string, Uint8Array | string>>;

/** A directory with these files until the end of the test. */
export async function put(files: Files): Promise<string> {
  const root = await scratchDirectory();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** A picture of one colour: grey by one value, else red, green, blue, and alpha. */
export async function picture(
  format: 'png' | 'jpeg',
  colour: readonly number[],
  height = 2,
  width = 3,
): Promise<Uint8Array> {
  const pixels = Uint8Array.from(
    { length: height * width * colour.length },
    (_, i) => colour[i % colour.length]!,
  );
  const image = sharp(pixels, { raw: { width, height, channels: colour.length as 1 | 3 | 4 } });
  const toned = colour.length === 1 ? image.toColourspace('b-w') : image;
  return new Uint8Array(await (format === 'png' ? toned.png() : toned.jpeg({ quality: 100 })).toBuffer());
}

/** Folders a and b of `each` grey pictures, whose values count up from 0 and from 100. */
export async function twoClasses(each: number, prefix = ''): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < each; i++) {
    files[`${prefix}a/${i}.png`] = await picture('png', [i]);
    files[`${prefix}b/${i}.png`] = await picture('png', [100 + i]);
  }
  return files;
}
