/** @file Whole files, their size checked before memory is taken; gzip unpacked within the limit. Knows no format. */
import { constants, type FileHandle, open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { DistillError, messageOf } from '../errors.ts';
import { badContent, contentLimits } from './content.ts';
import { unreadable } from './local.ts';

/** A file's bytes. @throws DistillError 'bad-data' beyond `limit` bytes, 'no-data' when it cannot be read. */
export async function readFile(path: string, limit: number, fix?: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe must not hold us up
    const info = await file.stat();
    const { size } = info;
    if (!info.isFile()) throw badContent(path, 'a file', 'something else', fix);
    if (size > limit) throw badContent(path, `a file of at most ${limit} bytes`, `one of ${size} bytes`, fix);
    return await file.readFile();
  } catch (cause) {
    throw cause instanceof DistillError ? cause : unreadable(path, cause);
  } finally {
    await file?.close();
  }
}

/** Bytes as they are, or unpacked if they are gzipped. A bomb is refused once it is larger than a file may be. */
export function unpacked(bytes: Buffer, path: string): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: contentLimits.bytes, chunkSize: 2 ** 20 });
  } catch (cause) {
    const tooLong = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong
      ? badContent(
          path,
          `at most ${contentLimits.bytes} bytes after unpacking`,
          'more',
          'use fewer images',
          cause,
        )
      : badContent(path, 'an undamaged gzip file', messageOf(cause), undefined, cause);
  }
}
