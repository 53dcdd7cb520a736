/** @file Worker threads: a piscina pool. Its worker half is src/worker/entries/threads.ts. The state lies in shared memory, tasks and answers are messages.
 *  A thread that dies is replaced by the pool, and its task runs again here. */
import { Piscina } from 'piscina';
import type { Job } from '../../shared/config/index.ts';
import { guardsAbove, openGuard } from '../../shared/exitGuard.ts';
import { publish, stateBuffer } from '../../shared/messages/index.ts';
import { untilAnswered } from '../attempts.ts';
import { closedTransport, type Transport, type WorkerEvent } from '../transport.ts';

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
    workerData: { job, state, guards: [...guardsAbove(), guard.memory] } satisfies ThreadData,
    ...(resourceLimits && { resourceLimits }),
  });
  const inFlight = new Set<Promise<Uint8Array>>();
  let listener: (event: WorkerEvent) => void = () => undefined;
  let closed = false;

  return {
    name: 'threads',
    workers,
    broadcast: async (_, bytes) => publish(state, bytes),
    run: async task => {
      if (closed) throw closedTransport('threads');
      const once = (): Promise<Uint8Array> => pool.run(task);
      const { seed } = job.config;
      const answer = untilAnswered({ task, seed, once, tell: listener, worker: 'a worker thread' });
      inFlight.add(answer);
      return answer.finally(() => inFlight.delete(answer));
    },
    onWorker: l => {
      listener = l;
    },
    close: async () => {
      closed = true;
      await Promise.allSettled(inFlight);
      await pool.close();
      guard.close();
    },
  };
}
