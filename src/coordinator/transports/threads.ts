/** @file Worker threads: a piscina pool. Its worker half is src/worker/entries/threads.ts. The state lies in shared memory, tasks and answers are messages.
 *  A thread that dies is replaced by the pool, and its task runs again here. */
import { Piscina } from 'piscina';
import type { Job } from '../../shared/config/index.ts';
import { guardsAbove, openGuard } from '../../shared/exitGuard.ts';
import { publish, stateBuffer } from '../../shared/messages/index.ts';
import { untilAnswered } from '../attempts.ts';
import { InFlight } from '../inFlight.ts';
import type { Transport, WorkerEvent } from '../transport.ts';

export interface ThreadsOptions {
  /** The worker half's file. */
  readonly entry: URL;
  readonly job: Job;
  /** Threads at most. */
  readonly workers: number;
  /** Threads that are started at once: as many as the ensemble has members. */
  readonly expected: number;
  /** Bytes of the largest state. */
  readonly stateBytes: number;
  /** Limits of a thread's heap; Node's defaults without it. */
  readonly resourceLimits?: { readonly maxOldGenerationSizeMb: number };
}

/** A worker makes little garbage: V8's usual nursery would only take memory (npm run bench:memory). */
const maxYoungGenerationSizeMb = 8;

/** What a thread is given at its start. */
export interface ThreadData {
  readonly job: Job;
  readonly state: SharedArrayBuffer;
  /** Of all who would tear it down when they exit. */
  readonly guards: readonly SharedArrayBuffer[];
}

export function threads({
  entry,
  job,
  workers,
  expected,
  stateBytes,
  resourceLimits,
}: ThreadsOptions): Transport {
  const state = stateBuffer(stateBytes);
  const guard = openGuard();
  const pool = new Piscina({
    filename: entry.href,
    minThreads: Math.min(workers, expected),
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled', // a thread that waits for its next task prepares it: it may not be blocked
    workerData: { job, state, guards: [...guardsAbove(), guard.memory] } satisfies ThreadData,
    resourceLimits: { maxYoungGenerationSizeMb, ...resourceLimits },
  });
  const inFlight = new InFlight('threads');
  let listener: (event: WorkerEvent) => void = () => undefined;

  return {
    name: 'threads',
    workers,
    broadcast: async (_, bytes) => publish(state, bytes),
    run: task => {
      const once = (): Promise<Uint8Array> => pool.run(task);
      const { seed } = job.config;
      return inFlight.add(() =>
        untilAnswered({ task, seed, once, tell: listener, worker: 'a worker thread' }),
      );
    },
    onWorker: l => {
      listener = l;
    },
    close: async () => {
      await inFlight.close();
      await pool.close();
      guard.close();
    },
  };
}
