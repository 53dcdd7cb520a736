/** @file A job as files, for processes that share no memory with this one. In: a job. Out: a private directory with its pixels and weights, named by their sha256, and the
 *  frame that names them. Weak spot: a coordinator that is killed leaves the directory behind. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../../shared/config/index.ts';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { describeJob } from '../../../shared/job/index.ts';
import type { Preparation } from '../../../shared/messages/index.ts';

export interface JobFiles extends Preparation {
  remove(): Promise<void>;
}

/** Cost: one copy of the pixels on the disk that TMPDIR names. @throws DistillError 'output' when it has no room. */
export async function writeJobFiles(job: Job): Promise<JobFiles> {
  const { frame, blobs } = describeJob(job);
  const directory = await mkdtemp(join(tmpdir(), 'distill-cluster-job-')).catch(noRoom); // mode 0700
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    for (const { sha256, bytes } of blobs) await writeFile(join(directory, sha256), bytes, { mode: 0o600 });
  } catch (cause) {
    await remove().catch(() => undefined); // the first error is the one to tell
    noRoom(cause);
  }
  return { job: frame, directory, remove };
}

function noRoom(cause: unknown): never {
  throw new DistillError(
    'output',
    tmpdir(),
    {
      expected: 'room for the data, which worker processes read there',
      found: messageOf(cause),
      fix: 'make room, name another directory in TMPDIR, or use --transport threads',
    },
    { cause },
  );
}
