/** @file One writer to a directory. In: a directory. Out: its lock, until it is given back or lost. Two entries in the directory while it is held: `.lock`, a directory
 *  whose time is renewed (proper-lockfile), and `.lock.owner`, which names the holder. A holder that was killed leaves both behind; the next one takes them over. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DistillError, messageOf } from '../errors.ts';
import { type Owner, readOwner, self, whereabouts } from './owner.ts';

/** A lock that was not renewed for so long is nobody's, where its holder cannot be seen. An event loop may be blocked for most of that time: a gradient in the
 *  main thread takes seconds. Renewed six times as often, so that some failures of a network disk do not matter. */
const [staleMs, renewMs] = [60_000, 10_000];
/** How long a holder may take to write its name; ours takes a millisecond. */
const namingMs = 2000;

export interface Lock {
  /** @throws DistillError 'output' once the lock was lost: the directory is another's. */
  assertHeld(): void;
  release(): Promise<void>;
}

/** Takes the lock of a directory that exists, at once or not at all. `onLost`: somebody else took it, or took its files away; called once.
 *  @throws DistillError 'output' naming host and pid of the holder; or when the directory cannot be written. */
export async function lockDirectory(
  directory: string,
  onLost: (error: DistillError) => void = () => undefined,
): Promise<Lock> {
  const [lockfilePath, name] = ['.lock', '.lock.owner'].map(file => resolve(directory, file)) as [
    string,
    string,
  ];
  const { lock } = (await import('proper-lockfile')).default; // late: it listens to every signal as soon as it is loaded
  let lost: DistillError | undefined;
  const onCompromised = (error: Error): void => {
    lost = refused(directory, `it was lost: ${error.message}`, 'see who else writes there');
    onLost(lost);
  };
  const take = () => lock(directory, { lockfilePath, stale: staleMs, update: renewMs, onCompromised });
  await clearDead(directory, lockfilePath, name);
  let unlock: () => Promise<void>;
  try {
    unlock = await take();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED')
      throw refused(directory, messageOf(error), 'choose another directory');
    await namedHolder(directory, name); // throws unless it died before it could write its name
    await claimName(directory, name);
    await utimes(lockfilePath, 0, 0).catch(() => undefined);
    unlock = await take().catch(() => Promise.reject(heldBy(directory, undefined)));
  }
  try {
    await writeFile(name, `${JSON.stringify(self())}\n`);
  } catch (error) {
    await unlock().catch(() => undefined);
    throw refused(directory, messageOf(error), 'make room or choose another directory');
  }
  return {
    assertHeld: () => {
      if (lost !== undefined) throw lost;
    },
    release: async () => {
      if (lost !== undefined) return; // what is there is another's
      await rm(name, { force: true }).catch(() => undefined);
      await unlock().catch(() => undefined);
    },
  };
}

/** Makes way for us where the holder is dead. @throws DistillError 'output' where it lives: however long it has not renewed its lock, it is only busy. */
async function clearDead(directory: string, lockfilePath: string, name: string): Promise<void> {
  const owner = await readOwner(name);
  const where = owner && whereabouts(owner);
  if (where === 'alive') throw heldBy(directory, owner);
  if (where !== 'dead') return;
  // Of several who find the same dead holder, one alone gets its name; that it is the dead one's is looked at again: another may have taken over meanwhile.
  const taken = `${name}.${randomUUID()}`;
  try {
    await rename(name, taken);
  } catch {
    throw heldBy(directory, await readOwner(name));
  }
  if ((await readFile(taken, 'utf8')).trim() !== JSON.stringify(owner)) {
    await rename(taken, name);
    throw heldBy(directory, await readOwner(name));
  }
  await claimName(directory, name);
  await utimes(lockfilePath, 0, 0).catch(() => undefined);
  await rm(taken, { force: true });
}

/** Of several who would take over a lock that nobody holds, one gets to write its name: nobody else then touches the lock. @throws DistillError 'output' for the others. */
async function claimName(directory: string, name: string): Promise<void> {
  try {
    await writeFile(name, `${JSON.stringify(self())}\n`, { flag: 'wx' });
  } catch {
    throw heldBy(directory, await readOwner(name));
  }
}

/** @throws DistillError 'output' naming the holder, as soon as it is known; returns when there is a lock and for long no name. */
async function namedHolder(directory: string, name: string): Promise<void> {
  for (const end = Date.now() + namingMs; Date.now() < end; await pause(50)) {
    const owner = await readOwner(name);
    if (owner !== undefined) throw heldBy(directory, owner);
  }
}

const heldBy = (directory: string, owner: Owner | undefined): DistillError =>
  refused(
    directory,
    owner === undefined
      ? 'one that has just begun'
      : `process ${owner.pid} on ${owner.host}, since ${owner.started}`,
    owner && whereabouts(owner) === 'elsewhere'
      ? `wait for its end, or ${staleMs / 1000} seconds if it was killed, or choose another directory`
      : 'wait for its end, or choose another directory',
  );

const refused = (directory: string, found: string, fix: string): DistillError =>
  new DistillError('output', directory, { expected: 'a directory in which no other run writes', found, fix });
