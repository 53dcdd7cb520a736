/** @file A distillation as a command runs it: progress on stderr, the result in a directory and on stdout. */
import { join } from 'node:path';
import { stepsIn } from '../checkpoints/index.ts';
import { DistillError, distill, type Result } from '../index.ts';
import { RunDirectory } from '../report/runDirectory.ts';
import type { Config } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { downloading, humanReporter, jsonReporter, type Reporter, silent } from './progress.ts';
import { report } from './summary.ts';

export interface OutputFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What a command does in the directory before the run: looks at it, or trains networks in it. */
export type Prepare = (directory: RunDirectory, reporter: Reporter) => Promise<Prepared>;

/** `result`: there is nothing left to do. */
export interface Prepared {
  readonly config: Config;
  readonly resume: boolean;
  readonly result?: Result | undefined;
}

/** A run that begins in a directory of its own. `prepare` may train networks first, in the directory, and change the config. */
export async function runDistill(
  config: Config,
  flags: OutputFlags,
  context: Context,
  prepare?: (directory: string, reporter: Reporter) => Promise<Config>,
): Promise<void> {
  await runIn(await openRun(flags), flags, context, async (directory, reporter) => {
    if (!flags.force) await directory.assertEmpty();
    return { config: (await prepare?.(directory.path, reporter)) ?? config, resume: false };
  });
}

/** Where checkpoints lie in the directory of a run. */
export const checkpointsIn = (run: string): string => join(run, 'checkpoints');

/** Where a new run writes: what --out names, or a directory that is new, so that runs that begin in one second keep apart. */
export const openRun = ({ out }: OutputFlags): Promise<RunDirectory> =>
  out === undefined ? RunDirectory.openNew(`runs/${timeName(new Date())}`) : RunDirectory.open(out);

/** Distils in `directory` what `prepare` says, writes the result there, and gives the directory back. */
export async function runIn(
  directory: RunDirectory,
  flags: OutputFlags,
  { interruptions, stdout, stderr, now }: Context,
  prepare: Prepare,
): Promise<void> {
  const reporter: Reporter = flags.json
    ? jsonReporter({ stream: stdout, now })
    : flags.quiet
      ? silent
      : humanReporter({ stream: stderr, now });
  const tell = (message: string): void => reporter.event({ type: 'notice', message });
  const announce = (): void => tell('ending after the step in hand; once more to end at once');
  const { path } = directory;
  const failed = new AbortController();
  const signal = AbortSignal.any([interruptions.signal, directory.lost, failed.signal]);
  let skips = false;
  try {
    interruptions.signal.throwIfAborted(); // a signal that came before anybody listened
    interruptions.signal.addEventListener('abort', announce);
    const { config, resume, result: past } = await prepare(directory, reporter);
    skips = config.onNonfinite === 'skip';
    const checkpoints = checkpointsIn(path);
    const distilled = async (): Promise<Result> => {
      const run = distill(config, {
        signal,
        checkpoints,
        resume,
        beforeCheckpoint: step => directory.recorded(step),
        onDownload: download => tell(downloading(download)),
      });
      try {
        for await (const event of run) {
          await directory.take(event);
          if (!directory.lost.aborted) reporter.event(event);
        }
      } catch (error) {
        failed.abort(); // nobody takes its events any more
        await run.result.catch(() => undefined);
        throw error;
      }
      const result = await run.result;
      await directory.finish(result);
      return result;
    };
    const result = past ?? (await distilled());
    if (result.interrupted && (await stepsIn(checkpoints)).length > 0) tell(goOn(path));
    reporter.end();
    stdout.write(
      flags.json
        ? `${JSON.stringify({ type: 'result', out: path, ...result.summary })}\n`
        : report(config, result, path),
    );
  } catch (error) {
    if (!(error instanceof DistillError)) throw error;
    const hopeless = error.code === 'non-finite' && skips; // it would meet the same numbers again
    if (directory.started && !directory.lost.aborted && !hopeless)
      if ((await stepsIn(checkpointsIn(path))).length > 0) tell(goOn(path, error.code));
    throw error.inRun(path);
  } finally {
    interruptions.signal.removeEventListener('abort', announce);
    reporter.end();
    await directory.end();
  }
}

/** What a run that is not over goes on with; one that met a number that is none would meet it again. */
const goOn = (path: string, code?: string): string =>
  `continue with: distill-cluster --resume ${path}${code === 'non-finite' ? ' --on-nonfinite skip' : ''}`;

/** 2026-11-24T13-05-09 (local time). */
function timeName(date: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join('-')}`;
}
