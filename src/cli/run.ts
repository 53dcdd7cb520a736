/** @file A distillation as a command runs it: progress on stderr, the result in a directory and on stdout. */
import { distill } from '../index.ts';
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

/** Distils and writes the result. `prepare` may do something first in the output directory, and change the config. */
export async function runDistill(
  config: Config,
  flags: OutputFlags,
  { interruptions, stdout, stderr, now }: Context,
  prepare?: (directory: string, reporter: Reporter) => Promise<Config>,
): Promise<void> {
  const directory = await RunDirectory.open(flags.out ?? `runs/${timeName(new Date())}`, {
    force: flags.force ?? false,
  });
  const reporter: Reporter = flags.json
    ? jsonReporter({ stream: stdout, now })
    : flags.quiet
      ? silent
      : humanReporter({ stream: stderr, now });
  const announce = (): void =>
    reporter.event({ type: 'notice', message: 'ending after the step in hand; once more to end at once' });
  const { signal } = interruptions;
  try {
    signal.throwIfAborted(); // a signal that came before anybody listened
    signal.addEventListener('abort', announce);
    const prepared = (await prepare?.(directory.path, reporter)) ?? config;
    const run = distill(prepared, {
      signal,
      onDownload: download => reporter.event({ type: 'notice', message: downloading(download) }),
    });
    for await (const event of run) {
      await directory.take(event);
      reporter.event(event);
    }
    const result = await run.result;
    await directory.finish(result);
    reporter.end();
    stdout.write(
      flags.json
        ? `${JSON.stringify({ type: 'result', out: directory.path, ...result.summary })}\n`
        : report(prepared, result, directory.path),
    );
  } finally {
    signal.removeEventListener('abort', announce);
    reporter.end();
    await directory.end();
  }
}

/** 2026-11-24T13-05-09 (local time). */
function timeName(date: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join('-')}`;
}
