/** @file Who holds a directory: which process, on which machine, as a small file. In: a path. Out: the owner, and whether it is still there. Knows no lock.
 *  Weak spot: outside of Linux a process that got the number of a dead one is taken for it. */
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

const Owner = z.object({
  host: z.string().max(255),
  pid: z.int().positive(),
  started: z.string().max(40),
  /** What tells the process from others of that number: its process namespace, and when it was born; null where the system does not say. */
  space: z.string().max(100).nullable(),
  born: z.string().max(40).nullable(),
});
export type Owner = z.infer<typeof Owner>;

/** This process. */
export const self = (): Owner => ({
  host: hostname(),
  pid: process.pid,
  started: new Date().toISOString(),
  space: space(),
  born: statusOf(process.pid)?.born ?? null,
});

/** The owner that a file names; undefined for no file, or one that is none of ours. */
export async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether that process is still there. 'elsewhere': it cannot be seen from here. */
export function whereabouts(owner: Owner): 'alive' | 'dead' | 'elsewhere' {
  if (owner.host !== hostname() || owner.space !== space()) return 'elsewhere';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const status = statusOf(owner.pid);
  if (status === undefined) return 'alive';
  return status.born === owner.born && !status.ended ? 'alive' : 'dead';
}

/** Containers may share a host's name, each with numbers of its own. */
function space(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** From /proc/PID/stat: the name, in brackets, may hold anything; after it come the state (Z: ended, not yet reaped) and, 19 fields later, the birth. */
function statusOf(pid: number): { ended: boolean; born: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { ended: fields[0] === 'Z', born: fields[19]! };
  } catch {
    return undefined;
  }
}
