/** @file Keeps a process that exits from tearing down threads that are inside a native runtime, which would abort it (docs/decisions/0008). A thread counts itself in
 *  while it is inside; whoever owns threads waits, as it exits, until nobody is inside, and lets nobody in again. Knows threads and shared memory; no engine, task or pool.
 *  Weak spot: a thread that dies inside (its heap was full) stays counted until its pool closes; an exit before that waits for the whole limit. */

/** Places in a guard's shared memory: whether its owner exits, and how many threads are inside. */
const [exiting, inside] = [0, 1];

/** An exit waits no longer than this for the threads inside: it is better to abort than to hang. */
const limitMs = 60_000;

/** Does `work` and counts as inside meanwhile. Once an owner exits it begins nothing any more and never settles: such a thread is idle, and may be torn down. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** The gate of a thread that the owners of all `guards` would tear down when they exit. */
export function gateOf(guards: readonly SharedArrayBuffer[]): Gate {
  const counts = guards.map(guard => new Int32Array(guard));
  return async work => {
    for (const count of counts) Atomics.add(count, inside, 1);
    try {
      // Counted first, asked then: an owner that exits either sees the count or is seen
      if (counts.every(count => Atomics.load(count, exiting) === 0)) return await work();
    } finally {
      for (const count of counts) {
        Atomics.sub(count, inside, 1);
        Atomics.notify(count, inside);
      }
    }
    return new Promise<never>(() => undefined);
  };
}

/** An owner's side of the threads that it started. */
export interface ExitGuard {
  /** For those threads' gates. */
  readonly memory: SharedArrayBuffer;
  /** When they are gone: an exit need not wait for them any more. */
  close(): void;
}

/** The guards of all threads that this thread owns. */
const owned = new Set<Int32Array>();

/** A guard that this thread waits for when it exits: in the main thread at `process.exit`, an uncaught error or the natural end, elsewhere when the thread ends by itself.
 *  One listener serves them all, and goes with the last. */
export function openGuard(): ExitGuard {
  const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const count = new Int32Array(memory);
  if (owned.size === 0) process.on('exit', waitForThreads);
  owned.add(count);
  return {
    memory,
    close: () => {
      owned.delete(count);
      if (owned.size === 0) process.off('exit', waitForThreads);
    },
  };
}

/** Blocks until no thread of ours is inside. */
function waitForThreads(): void {
  for (const count of owned) Atomics.store(count, exiting, 1);
  const until = performance.now() + limitMs;
  for (const count of owned)
    for (;;) {
      const [still, leftMs] = [Atomics.load(count, inside), until - performance.now()];
      if (still === 0 || leftMs <= 0) break;
      Atomics.wait(count, inside, still, leftMs);
    }
}

let above: readonly SharedArrayBuffer[] = [];

/** The guards of those who own this thread: empty in the main thread. Threads that are started here stand under them too. */
export const guardsAbove = (): readonly SharedArrayBuffer[] => above;

/** Says who owns this thread, at its start. */
export function standUnder(guards: readonly SharedArrayBuffer[]): void {
  above = guards;
}
