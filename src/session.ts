/** @file A config brought to life: data loaded, plan made, workers started, and let go again whatever happens. The one place that owns the end of a run. */
import { availableParallelism } from 'node:os';
import type { RunStart } from './coordinator/events.ts';
import type { Snapshot } from './coordinator/snapshot.ts';
import type { Transport } from './coordinator/transport.ts';
import { type Config, type Job, type Plan, planOf, withoutConnection } from './shared/config/index.ts';
import type { Progress } from './shared/data/index.ts';
import { openTransport } from './transport.ts';
import { machine, versions } from './version.ts';

export interface SessionOptions {
  /** Ends work in hand early. */
  readonly signal?: AbortSignal;
  /** Called while a data file is being downloaded. */
  readonly onDownload?: (progress: Progress) => void;
  /** Called with what a user should know before the work begins. */
  readonly onNotice?: (message: string) => void;
  /** A directory for checkpoints, made where it is not there: with them a run goes on after it was ended at any moment (docs/runs.md). How often: option `checkpointEvery`. */
  readonly checkpoints?: string;
  /** What becomes of the checkpoints that are there already. true: go on from the newest good one, or fail; 'auto': the same, or begin where there is none; false: begin, and
   *  remove them. Left out, a run begins, and fails where there are some. */
  readonly resume?: boolean | 'auto';
  /** Awaited before a checkpoint is written, with its step: whoever records the events has all of them on disk by then, and finds them there when the run goes on. A rejection
   *  counts as a checkpoint that could not be written. */
  readonly beforeCheckpoint?: (step: number) => Promise<void>;
}

export interface Session {
  readonly job: Job;
  readonly plan: Plan;
  readonly workers: number;
  readonly transport: Transport;
}

/** Runs `work` with workers for `job`; afterwards waits for all tasks in flight and closes them, also when `work` throws. */
export async function withSession<T>(
  job: Job,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const plan = planOf(job);
  const workers = workersOf(job.config);
  const transport = await openTransport({ job, plan, workers, signal });
  try {
    return await work({ job, plan, workers, transport });
  } finally {
    await transport.close();
  }
}

function workersOf({ transport, workers }: Config): number {
  if (transport === 'inline') return 1;
  return workers ?? (transport === 'nats' ? 1 : availableParallelism());
}

/** What a session is, for the record. */
export const startOf = (
  { job: { config, data }, plan, workers }: Session,
  from: Snapshot | undefined,
): RunStart => ({
  type: 'start',
  config: { ...withoutConnection(config), steps: plan.steps, epochs: undefined, workers },
  steps: plan.steps,
  members: plan.members,
  workers,
  ...(from && { resumed: { step: from.state.step, validations: from.validations } }),
  data: {
    name: data.name,
    checksum: data.checksum,
    source: data.source,
    train: data.train.count,
    test: data.test.count,
  },
  versions: versions(config),
  machine: machine(),
});
