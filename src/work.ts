/** @file The library's function for other machines: a worker that serves runs over NATS. */
import { availableParallelism } from 'node:os';
import { needsProcesses, type Options, planOf, resolveConfig } from './shared/config/index.ts';
import type { NatsSettings } from './shared/nats/index.ts';
import { openTransport } from './transport.ts';
import { cpuKind, name, version } from './version.ts';
import { loadEngine } from './worker/engines/index.ts';

/** Where a worker finds its runs: the options of the group 'nats'; `runName` for one run only. */
export interface WorkOptions extends Pick<Options, keyof NatsSettings> {
  /** Tasks at the same time, in threads, or in processes where the run's engine needs them; all available cores when left out. */
  readonly concurrency?: number;
  /** This machine's copy of the run's data, and where to look for a known data set; without them what is not found here comes over NATS. */
  readonly dataset?: string;
  readonly dataDir?: string;
  /** Ends with the first run. */
  readonly once?: boolean;
}

export interface WorkSession {
  /** Ends the worker after the tasks in hand. */
  readonly signal?: AbortSignal;
  /** Called with what a person should know: what is served, who refuses. */
  readonly onNotice?: (message: string) => void;
}

/** Serves runs of coordinators with `transport: 'nats'`, one after the other, until `signal` aborts.
 *  @throws DistillError 'usage' for a wrong option, wrong credentials or a run that refuses this worker; 'bad-data' when the data named here are others than the run's;
 *          'unreachable' when the server is not there for `natsPatience` seconds */
export async function work(options: WorkOptions = {}, session: WorkSession = {}): Promise<void> {
  const { concurrency = availableParallelism(), dataset, dataDir, once = false, ...connection } = options;
  const settings = resolveConfig({ ...connection, workers: concurrency }, option =>
    option === 'workers' ? 'concurrency' : option,
  );
  const { work: serveRuns } = await import('./worker/entries/nats/index.ts'); // late, as few programs are workers
  await serveRuns({
    settings,
    once,
    threads: concurrency,
    dataset,
    dataDir,
    program: `${name} ${version}`,
    cpu: cpuKind(),
    executor: async (job, workers) => {
      const { engine, tfjsBackend } = job.config;
      await loadEngine(engine, tfjsBackend); // a worker that lacks it refuses the run, before it takes a task
      const transport = needsProcesses(job.config) ? ('cluster' as const) : ('threads' as const);
      const here = { ...job, config: { ...job.config, transport } };
      return openTransport({ job: here, plan: planOf(here), workers });
    },
    tell: session.onNotice ?? (() => undefined),
    signal: session.signal,
  });
}
