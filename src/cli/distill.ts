/** @file The command `distill`, the default one. Parses, calls the library, prints. */
import { Command, Option } from 'commander';
import { distill, type Result } from '../index.ts';
import { RunDirectory } from '../report/runDirectory.ts';
import { type Config, presets } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { addFlags } from './flags.ts';
import { optionsOf } from './options.ts';
import { humanReporter, jsonReporter, percent, type Reporter, range, rate, silent } from './progress.ts';

interface Flags {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function distillCommand(context: Context): Command {
  const command = new Command('distill-cluster')
    .usage('[distill] [options]')
    .description(
      'Dataset distillation: compresses tens of thousands of images into a few synthetic ones on which a fresh network trains in a few steps.',
    );
  const output = (flags: string, description: string): Option =>
    new Option(flags, description).helpGroup('Output');
  command
    .addOption(
      new Option(
        '--preset <name>',
        `named options: ${Object.keys(presets).join(', ')} (Markov 2020’s own recipe)`,
      ).helpGroup('Data'),
    )
    .addOption(
      new Option('--config <FILE>', 'JSON file of options, or the directory of a run; flags win').helpGroup(
        'Data',
      ),
    );
  addFlags(command)
    .addOption(output('--out <DIR>', 'directory for the result (default: runs/ and the time)'))
    .addOption(output('--force', 'write into a directory that has files in it'))
    .addOption(output('--json', 'one JSON line per event on stdout, nothing else'))
    .addOption(output('--quiet', 'no progress, only the result'))
    .addHelpText('after', examples)
    .action(async (_, self: Command) => runDistill(await optionsOf(self), self.opts<Flags>(), context));
  return command;
}

const examples = `
Examples:
  $ distill-cluster --workers 8
  $ distill-cluster --models conv:4 --init normal --sigma 0.05 --steps 6000 --out runs/conv
`;

async function runDistill(
  config: Config,
  flags: Flags,
  { interruptions, stdout, stderr, now }: Context,
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
    const run = distill(config, {
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
        : report(config, result, directory.path),
    );
  } finally {
    signal.removeEventListener('abort', announce);
    reporter.end();
    await directory.end();
  }
}

const downloading = ({
  file,
  receivedBytes,
  totalBytes,
}: {
  file: string;
  receivedBytes: number;
  totalBytes?: number | undefined;
}): string =>
  `downloading ${file}: ${(receivedBytes / 1e6).toFixed(1)}${totalBytes === undefined ? '' : ` of ${(totalBytes / 1e6).toFixed(1)}`} MB`;

/** 2026-11-24T13-05-09 (local time). */
function timeName(date: Date): string {
  const pad = (n: number): string => String(n).padStart(2, '0');
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join('-')}`;
}

/** What the run came to, on a few lines. */
function report(config: Config, { summary, set, interrupted }: Result, path: string): string {
  const { accuracy } = summary;
  const images = config.imagesPerClass * set.classNames.length;
  const judged = accuracy
    ? `test accuracy ${percent(accuracy.mean)} ± ${percent(accuracy.std)} % over ${accuracy.nets} fresh networks in ${config.innerSteps} steps on ${images} images${beside(config)}`
    : `interrupted after ${summary.steps} steps: not tested`;
  return `${[
    judged,
    `distilled in ${summary.wallSeconds.toFixed(1)} s: ${summary.steps} steps, ${rate(summary.stepsPerSecond)} steps/s, loss ${summary.finalLoss.toPrecision(3)}, η̃ ${range([...set.eta])}`,
    `pictures ${path}/images.png   set ${path}/distilled.safetensors   curve ${path}/loss.svg${interrupted ? '   (as far as it got)' : ''}`,
  ].join('\n')}\n`;
}

/** The source's own figure for the same task, where it gives one (docs/method.md). */
function beside({ dataset, models, imagesPerClass, innerSteps }: Config): string {
  if (dataset !== 'mnist' || imagesPerClass !== 1 || innerSteps !== 10) return '';
  if (/^logreg(:\d+)?$/.test(models)) return ' (Markov 2020: 88.5 % at best)';
  return /^conv(:\d+)?$/.test(models) ? ' (Markov 2020: 86 ± 1.6 %)' : '';
}
