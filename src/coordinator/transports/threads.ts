/** @file Worker threads: a piscina pool. Its worker half is src/worker/entries/threads.ts. The state lies in shared memory, tasks and answers are messages.
 *  A thread that dies is replaced by the pool, and its task runs again here. */
import { Piscina } from 'piscina';
import type { Job } from '../../shared/config/index.ts';
import { DistillError, messageOf } from '../../shared/errors.ts';
import { publish, stateBuffer, type Task } from '../../shared/messages/index.ts';
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
}

/** A task that has lost this many workers is not tried again. */
const attempts = 3;

export function threads({
  entry,
  job,
  workers,
  expected,
  stateBytes,
  resourceLimits,
}: ThreadsOptions): Transport {
  const state = stateBuffer(stateBytes);
  const pool = new Piscina({
    filename: entry.href,
    minThreads: Math.min(workers, expected),
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: { job, state } satisfies ThreadData,
    ...(resourceLimits && { resourceLimits }),
  });
  const inFlight = new Set<Promise<Uint8Array>>();
  let listener: (event: WorkerEvent) => void = () => undefined;
  let closed = false;

  const tryUntilAnswered = async (task: Task): Promise<Uint8Array> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await pool.run(task);
      } catch (cause) {
        const reason = messageOf(cause);
        if (attempt === attempts) throw lost(task, reason, cause);
        listener({
          kind: 'lost',
          message: `a worker thread was lost (${reason}) at ${describe(task)}; it is replaced and the task runs again`,
        });
      }
    }
  };

  return {
    name: 'threads',
    workers,
    broadcast: async (_, bytes) => publish(state, bytes),
    run: async task => {
      if (closed) throw closedTransport('threads');
      const answer = tryUntilAnswered(task);
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
    },
  };
}

function describe(task: Task): string {
  if (task.kind === 'gradient') return `step ${task.step}, member ${task.member}`;
  return `network ${task.net} ${task.kind === 'accuracy' ? `of the ${task.part} part` : 'in training'}`;
}

const lost = (task: Task, reason: string, cause: unknown): DistillError =>
  new DistillError(
    'lost-task',
    describe(task),
    {
      expected: 'an answer',
      found: `${attempts} lost workers, the last by: ${reason}`,
      fix: "run that task alone with 'distill-cluster reproduce'",
    },
    { cause },
  );
