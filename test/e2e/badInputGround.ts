/** @file Where bad input is tried: a directory with a good data set, damaged copies of it, and files that are not what they should be. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { writeIdxSet } from '../fixtures/idx.ts';
import { run } from '../fixtures/program.ts';
import { onSmall, scratch, smallSizes } from '../fixtures/runs.ts';

/** One thing that a user gets wrong. */
export interface Case {
  readonly args: readonly string[];
  /** All of these stand in the one line: what is wrong, what was found there, and where it is known the nearest valid choice. */
  readonly says: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
export type Cases = Readonly<Record<string, Case>>;

export const place = scratch();
export const data = join(place, 'data');
export const whole = await writeIdxSet(data, smallSizes);
export const small = onSmall(data);

/** Writes a file. @returns its path */
export function put(path: string, content: string | Uint8Array): string {
  mkdirSync(join(place, path, '..'), { recursive: true });
  writeFileSync(join(place, path), content);
  return join(place, path);
}

/** Flags for a copy of the data set in which some files are others; undefined: not there. */
export function damaged(name: string, changed: Readonly<Record<string, Uint8Array | undefined>>): string[] {
  for (const [file, bytes] of Object.entries({ ...whole, ...changed }))
    if (bytes !== undefined) put(join(name, file), bytes);
  return ['--data-dir', join(place, name)];
}

export const [trainImages, trainLabels, testImages] = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
];
export const gzipped = gzipSync(whole[trainImages]!);
export const fullDirectory = join(place, 'full');
put('full/result.json', '{}');
export const aFile = put('a-file', 'text');

const made = await run([...small, '--steps', '1', '--models', 'logreg', '--out', join(place, 'set')]);
expect(made.status).toBe(0);
export const setFile = join(place, 'set/distilled.safetensors');
export const set = readFileSync(setFile);
