/** @file Reading a file that may be missing, too large or anything at all: every failure a DistillError 'bad-file'. Knows no format. */
import { type FileHandle, open } from 'node:fs/promises';
import type { z } from 'zod';
import { DistillError, messageOf } from '../errors.ts';

/** A 'bad-file' error: what was expected of the file `where`, what was found in it, what to do about it. */
export function badFile(
  where: string,
  expected: string,
  found: string,
  {
    fix = 'it is damaged, or no file of ours: get or make it again',
    cause,
  }: { fix?: string; cause?: unknown } = {},
): DistillError {
  return new DistillError('bad-file', where, { expected, found, fix }, { cause });
}

/** The first of a schema's complaints, as `path: message`. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return issue === undefined ? 'no issue' : `${issue.path.join('.') || 'value'}: ${issue.message}`;
}

/** The file's bytes, in a buffer of their own. Its size is checked before memory is taken.
 *  @param what   what the file should be, for the message: 'a distilled set'
 *  @throws       DistillError 'bad-file' when it is missing, unreadable, a directory, or larger than `limitBytes`. */
export async function readWhole(path: string, what: string, limitBytes: number): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > limitBytes) throw badFile(path, `${what} of at most ${limitBytes} bytes`, `${size} bytes`);
    return new Uint8Array(await file.readFile());
  } catch (cause) {
    if (cause instanceof DistillError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const found = missing ? 'no such file' : messageOf(cause);
    throw badFile(path, what, found, {
      fix: missing ? 'check the path' : 'check the path and its rights',
      cause,
    });
  } finally {
    await file?.close();
  }
}
