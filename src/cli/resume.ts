/** @file `--resume`: which run goes on, with which options, and what there is to say when none does. In: flags. Out: a run under way. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Checkpoint, newestIn, noCheckpoint, safeChanges, stepsIn } from '../checkpoints/index.ts';
import { DistillError } from '../index.ts';
import { pastResult } from '../report/pastResult.ts';
import { RunDirectory } from '../report/runDirectory.ts';
import type { Config } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { optionsOf } from './options.ts';
import type { Reporter } from './progress.ts';
import { checkpointsIn, type OutputFlags, openRun, type Prepare, runIn } from './run.ts';

export interface ResumeFlags extends OutputFlags {
  /** A run's directory, or 'auto'. */
  readonly resume: string;
}

/** Goes on with the run that the flags name; with 'auto' begins one where there is none. What the command line does not say is as the run has it. */
export async function resumeDistill(command: Command, flags: ResumeFlags, context: Context): Promise<void> {
  const { resume, out } = flags;
  const auto = resume === 'auto';
  if (!auto && out !== undefined)
    throw new DistillError('usage', '--resume', {
      expected: 'no --out: a run goes on in its own directory',
      found: `--out ${out}`,
      fix: 'leave out --out, or give --resume auto --out DIR',
    });
  if (!auto && !(await stat(resume).catch(() => undefined))?.isDirectory())
    throw new DistillError('bad-file', resume, {
      expected: 'the directory of a run',
      found: 'none',
      fix: 'check the path',
    });
  const unfinished = auto && out === undefined ? await newestUnfinished('runs') : undefined;
  const known = auto ? unfinished : resume;
  const opened = known === undefined ? await openRun(flags) : await RunDirectory.open(known);
  const none = out === undefined ? 'no unfinished run under runs/' : `no checkpoint in ${out}`;
  await runIn(opened, flags, context, async (directory, reporter) => {
    const { path } = directory;
    if ((await stepsIn(checkpointsIn(path))).length > 0) return prepared(command, path, reporter);
    if (!auto) throw noCheckpoint(path);
    if (!flags.force) await directory.assertEmpty('unfinished');
    reporter.event({ type: 'notice', message: `${none}: a run begins in ${path}` });
    return { config: await optionsOf(command), resume: false };
  });
}

async function prepared(command: Command, path: string, reporter: Reporter): ReturnType<Prepare> {
  const { checkpoint } = (await newestIn(checkpointsIn(path)))!;
  const stored = checkpoint.origin.config;
  const config = await optionsOf(command, undefined, stored);
  if (config.steps !== undefined) safeChanges(stored, config, path); // known before the data are read; with epochs only after
  const result = await resultOf(path, checkpoint, config);
  const message =
    result === undefined ? `going on in ${path}` : `${path} is finished; more --steps would go on with it`;
  reporter.event({ type: 'notice', message });
  return { config, resume: true, result };
}

/** The result of a run that has nothing left to do under `config`; undefined for one that has. */
async function resultOf(path: string, { snapshot, origin }: Checkpoint, config: Config) {
  if (config.steps !== origin.config.steps || config.steps !== snapshot.state.step) return undefined;
  const result = await pastResult(path);
  return result?.summary.steps === config.steps ? result : undefined;
}

/** The run in `parent` whose checkpoint is the newest, of those that have no result yet. */
async function newestUnfinished(parent: string): Promise<string | undefined> {
  const names = await readdir(parent).catch(() => []);
  const runs = await Promise.all(
    names.map(async name => {
      const path = join(parent, name);
      const [newest] = await stepsIn(checkpointsIn(path));
      if (newest === undefined || (await isFinished(path))) return [];
      return [{ path, time: (await stat(checkpointsIn(path))).mtimeMs }];
    }),
  );
  return runs.flat().sort((a, b) => b.time - a.time)[0]?.path;
}

/** Where its newest checkpoint cannot be read, a run that has a result counts as finished. */
async function isFinished(path: string): Promise<boolean> {
  const result = await pastResult(path);
  if (result === undefined) return false;
  const found = await newestIn(checkpointsIn(path)).catch(() => undefined);
  return found === undefined || found.checkpoint.origin.config.steps === result.summary.steps;
}
