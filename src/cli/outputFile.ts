/** @file A file that a command will write after long work. */
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DistillError, messageOf } from '../shared/errors.ts';

/** Makes the directory of `path`: what is wrong with it is known now, not after the work. @throws DistillError 'output'. */
export async function prepareFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const trial = `${path}.writable`;
    await mkdir(trial);
    await rmdir(trial);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw new Error('a directory');
  } catch (error) {
    throw new DistillError('output', path, {
      expected: 'a file that can be written here',
      found: messageOf(error),
      fix: 'choose another --out',
    });
  }
}
