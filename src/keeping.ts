/** @file A session's checkpoints: the library's options on one side, the run's files on the other. */
import {
  isStateOf,
  type KeptRun,
  type Maker,
  newestIn,
  openCheckpoints,
  originOf,
} from './checkpoints/index.ts';
import type { State } from './coordinator/state.ts';
import type { SessionOptions } from './session.ts';
import { type Job, type Plan, planOf } from './shared/config/index.ts';
import { machine, versions } from './version.ts';

const maker = ({ config }: Job): Maker => ({ versions: versions(config), machine: machine() });

/** Runs `work`, kept as `session` asks for: undefined without a directory. What the signal of an end finds of a long
 *  step is written at once: who sends it may not wait for the step. */
export async function withCheckpoints<T>(
  job: Job,
  { checkpoints: directory, resume, beforeCheckpoint: before, signal }: SessionOptions,
  notice: (message: string) => void,
  work: (kept: KeptRun | undefined) => Promise<T>,
): Promise<T> {
  if (directory === undefined) return work(undefined);
  const plan = planOf(job);
  const kept = await openCheckpoints(originOf(job, plan, maker(job)), plan, {
    directory,
    resume,
    before,
    notice,
  });
  const flush = (): void => void kept.keeper.flush();
  signal?.addEventListener('abort', flush);
  try {
    return await work(kept);
  } finally {
    signal?.removeEventListener('abort', flush);
    await kept.keeper.flush(); // one that the signal began
    await kept.close();
  }
}

/** The newest state in `directory` that the run of `job` comes to in at most `step` steps; undefined where there is none. */
export async function stateBefore(
  directory: string | undefined,
  step: number,
  job: Job,
  plan: Plan,
): Promise<State | undefined> {
  if (directory === undefined) return undefined;
  const found = await newestIn(directory, step).catch(() => undefined); // it only saves time
  const fits = found !== undefined && isStateOf(found.checkpoint, originOf(job, plan, maker(job)));
  return fits ? found.checkpoint.snapshot.state : undefined;
}
