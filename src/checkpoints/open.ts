/** @file A run's checkpoints, opened before its first step: read to go on from, made way for, locked. In: the run, its directory, and what is wanted. Out: where to go on,
 *  and what keeps the run from then on. */
import { mkdir, rmdir } from 'node:fs/promises';
import type { Snapshot } from '../coordinator/snapshot.ts';
import { lockDirectory } from '../shared/artifacts/index.ts';
import { intervalOf, type Plan } from '../shared/config/index.ts';
import { DistillError, messageOf } from '../shared/errors.ts';
import type { Origin } from './checkpoint.ts';
import { type Found, newestIn, removeFrom, stepsIn, writeTo } from './folder.ts';
import { Keeper } from './keeper.ts';
import { continued } from './resuming.ts';

/** true: go on, or fail · 'auto': go on where there is a checkpoint, else begin · false: begin, and remove what is there. Left out: begin, unless there are some. */
export type Resume = boolean | 'auto' | undefined;

export interface OpenOptions {
  readonly directory: string;
  readonly resume: Resume;
  readonly before?: ((step: number) => Promise<void>) | undefined;
  readonly notice: (message: string) => void;
}

/** The checkpoints of a run under way. */
export interface KeptRun {
  /** Where to go on; undefined for the beginning. */
  readonly from: Snapshot | undefined;
  readonly keeper: Keeper;
  close(): Promise<void>;
}

/** @throws DistillError 'output' when another run has the directory, or it cannot be made, or holds checkpoints of a run that nobody wants to go on with; 'bad-file' when
 *  there is none to go on from, or none good; 'usage', 'bad-data' when the run is another one. */
export async function openCheckpoints(
  origin: Origin,
  plan: Plan,
  { directory, resume, before, notice }: OpenOptions,
): Promise<KeptRun> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw refused('output', directory, 'a directory that can be made', messageOf(error), 'choose another');
  }
  const lock = await lockDirectory(directory);
  const close = async (): Promise<void> => {
    await lock.release();
    await rmdir(directory).catch(() => undefined); // where nothing was kept
  };
  try {
    const found = await wanted(directory, resume);
    const from = found?.checkpoint.snapshot;
    if (found !== undefined) await adopt(found, origin, plan, directory, notice);
    const keeper = new Keeper({ directory, origin, from, assertHeld: lock.assertHeld, before, notice });
    return { from, keeper, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes a run that was found this run, or throws; tells what its user should know. */
async function adopt(
  { checkpoint, damaged }: Found,
  origin: Origin,
  plan: Plan,
  directory: string,
  notice: (message: string) => void,
): Promise<void> {
  const { changes, notices } = continued(checkpoint, origin, plan, directory);
  const { snapshot } = checkpoint;
  for (const line of damaged)
    notice(`a damaged checkpoint is passed over, that of step ${snapshot.state.step} is used: ${line}`);
  for (const line of notices) notice(line);
  const keeps = intervalOf(origin.config.checkpointEvery) !== undefined;
  if (keeps && changes.length + damaged.length > 0) await writeTo(directory, { snapshot, origin }); // from now on it is a run of these options
}

async function wanted(directory: string, resume: Resume): Promise<Found | undefined> {
  if (resume === false) await removeFrom(directory, () => true);
  if (resume === undefined && (await stepsIn(directory)).length > 0)
    throw refused(
      'output',
      directory,
      'a directory without checkpoints',
      'those of another run',
      'go on with that run (resume), or choose another directory',
    );
  if (resume !== true && resume !== 'auto') return undefined;
  const found = await newestIn(directory);
  if (found === undefined && resume === true) throw noCheckpoint(directory);
  return found;
}

/** What there is to be said of a directory without a checkpoint. */
export const noCheckpoint = (directory: string): DistillError =>
  refused(
    'bad-file',
    directory,
    'a checkpoint to go on from',
    'none',
    'the run was ended before its first one, or was made without: begin a new run',
  );

const refused = (
  code: 'output' | 'bad-file',
  where: string,
  expected: string,
  found: string,
  fix: string,
): DistillError => new DistillError(code, where, { expected, found, fix });
