/** @file Files that are there whole or not at all: written beside their place, made durable, then renamed into it.
 *  Our own few lines, since write-file-atomic 7.0.1 ignores a short write: on a full disk it renames a truncated file over a good one. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DistillError, messageOf } from '../errors.ts';

/** Writes `data` to `path`: temporary neighbour, fsync, rename, fsync of the directory. After a crash, a kill or a full disk at any moment
 *  `path` holds either its old content or all of the new one; at worst a `….tmp` file stays behind. Of two writes to one path at the same time either may stay, whole.
 *  @throws DistillError 'output', naming `path`; the old content is then untouched and the temporary file removed. */
export async function writeFileWhole(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeDurably(temporary, data);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to tell
    throw new DistillError(
      'output',
      path,
      {
        expected: 'a file that can be written here',
        found: messageOf(cause),
        fix: 'make room or choose another directory',
      },
      { cause },
    );
  }
}

async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data); // goes on after a short write, until all is written or an error says why not
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable. Windows cannot open a directory, and needs no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
