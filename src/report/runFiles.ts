/** @file Which entries of a directory a run may have made, and a directory that none was made in. In: names. Out: names. */
import { rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const files = [
  'config.json',
  'metrics.jsonl',
  'distilled.safetensors',
  'distilled.npz',
  'images.png',
  'loss.svg',
];
const uuid = String.raw`[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}`;
const stray = new RegExp(
  String.raw`^(?:\.writable-\w{6}|\.lock\.owner\.${uuid}|(?:${files.join('|')}|result\.json|networks\.safetensors)\.${uuid}\.tmp)$`,
);
const locks = ['.lock', '.lock.owner'];

/** What killed runs left of writes and trials: in nobody's way, and of no use. */
export const straysIn = (names: readonly string[]): string[] => names.filter(name => stray.test(name));

/** All that counts as a file in an output directory. */
export const countedIn = (names: readonly string[]): string[] =>
  names.filter(name => !locks.includes(name) && !stray.test(name));

/** Whether nothing is there but what a run leaves that was killed before its result. */
export const isUnfinished = (names: readonly string[]): boolean =>
  countedIn(names).every(name => name === 'checkpoints' || files.includes(name));

/** Removes directory `path` and those above it, up to `first`, as long as they are empty. */
export async function removeEmpty(path: string, first: string): Promise<void> {
  const end = dirname(resolve(first));
  for (let at = resolve(path); at !== end; at = dirname(at)) await rmdir(at).catch(() => undefined);
}
