/** @file Worker processes of node:cluster. Its worker half is src/worker/entries/clusterWorker.ts. A process reads the job from files at its start; each task is one call, which
 *  brings the state along when the process has not seen it. A process that dies, whenever, is replaced, and its task runs again here. */
import type { Job } from '../../shared/config/index.ts';
import { encodeCall, encodePreparation, encodeTask, type Task } from '../../shared/messages/index.ts';
import { untilAnswered } from '../attempts.ts';
import { InFlight } from '../inFlight.ts';
import type { Transport, WorkerEvent } from '../transport.ts';
import { type Child, startChild } from './cluster/child.ts';
import { writeJobFiles } from './cluster/jobFiles.ts';
import { processPool } from './cluster/pool.ts';

export interface ClusterOptions {
  /** The worker half's file. */
  readonly entry: URL;
  readonly job: Job;
  /** Processes at most. */
  readonly workers: number;
  /** Processes that are started at once: as many as the ensemble has members. */
  readonly expected: number;
  /** Options of Node for a process, besides the limits of memory of this one. */
  readonly execArgv?: readonly string[];
}

/** @throws DistillError 'output' when the job's files cannot be written. */
export async function cluster(options: ClusterOptions): Promise<Transport> {
  const { entry, job, workers, expected, execArgv } = options;
  const files = await writeJobFiles(job);
  const preparation = encodePreparation(files);
  let listener: (event: WorkerEvent) => void = () => undefined;
  const tell = (event: WorkerEvent): void => listener(event);
  const start = (): Child => startChild(entry, preparation, execArgv);
  const pool = processPool({ start, most: workers, first: expected, tell });
  const inFlight = new InFlight('cluster');
  const seen = new WeakMap<Child, Uint8Array>(); // the state that a process has
  let state: Uint8Array | undefined;

  const ask = (task: Uint8Array, child: Child): Promise<Uint8Array> => {
    const news = seen.get(child) === state ? undefined : state;
    if (state) seen.set(child, state);
    return child.answer(encodeCall({ task, state: news }));
  };

  return {
    name: 'cluster',
    workers,
    broadcast: async (_, bytes) => {
      state = bytes;
    },
    run: (task: Task) => {
      const frame = encodeTask(task);
      const once = (): Promise<Uint8Array> => pool.use(child => ask(frame, child));
      const { seed } = job.config;
      return inFlight.add(() => untilAnswered({ task, seed, once, tell, worker: 'a worker process' }));
    },
    onWorker: l => {
      listener = l;
    },
    close: async () => {
      await inFlight.close();
      await pool.close();
      await files.remove();
    },
  };
}
