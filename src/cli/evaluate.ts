/** @file The command `evaluate`: fresh networks on a distilled set, beside other images. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type CompareOptions, compare, loadDistilled } from '../index.ts';
import { writeFileWhole } from '../shared/artifacts/index.ts';
import { type OptionName, resolveConfig, unknownChoice } from '../shared/config/index.ts';
import { DistillError } from '../shared/errors.ts';
import { comparisonText } from './comparison.ts';
import type { Context } from './context.ts';
import { addFlags, givenFlags, kebab, optionNames } from './flags.ts';
import { prepareFile } from './outputFile.ts';

const options: readonly OptionName[] = [
  ...optionNames('data', 'ensemble', 'execution', 'nats'),
  'seed',
  'evalNets',
  'validationNets',
  'evalLr',
  'evalMomentum',
];

interface Flags {
  readonly protocol: string;
  readonly baselines: boolean;
  readonly randomDraws: string;
  readonly json?: boolean;
  readonly out?: string;
}

export function evaluateCommand(context: Context): Command {
  const command = new Command('evaluate')
    .description(
      'compare a distilled set with as many real images, with class means and with the full data set',
    )
    .argument('<SET>', 'a distilled.safetensors, or the directory of a run')
    .addOption(
      new Option(
        '--protocol <name>',
        'how networks learn from it: schedule (its own inner steps), converged (SGD until the loss stops falling), both',
      ).default('both'),
    )
    .addOption(new Option('--baselines', 'compare with other images too').default(true))
    .addOption(new Option('--no-baselines', 'judge the set alone'))
    .addOption(
      new Option('--random-draws <n>', 'draws of real images among which the best is chosen').default('10'),
    );
  return addFlags(command, options)
    .option('--json', 'one JSON line on stdout: the whole comparison, accuracies of each class too')
    .option('--out <FILE>', 'write that JSON to a file, too')
    .addHelpText('after', '\nOptions of data and ensemble that are left out are those of the set.')
    .action(async (path: string, flags: Flags, self: Command) => runEvaluate(path, flags, self, context));
}

async function runEvaluate(
  path: string,
  flags: Flags,
  self: Command,
  { interruptions, stdout, stderr }: Context,
): Promise<void> {
  const { protocol, baselines } = flags;
  if (!['schedule', 'converged', 'both'].includes(protocol))
    throw unknownChoice('--protocol', protocol, ['schedule', 'converged', 'both']);
  const given = givenFlags(self);
  resolveConfig(given, option => `--${kebab(option)}`); // names the flag; the set's own options come later
  const choice = { protocol, baselines, randomDraws: draws(flags.randomDraws) } as CompareOptions;
  const set = await loadDistilled(await fileOf(path));
  if (flags.out !== undefined) await prepareFile(flags.out);
  const line = progressLine(stderr);
  try {
    const comparison = await compare(
      set,
      { ...given, ...choice },
      { signal: interruptions.signal, onProgress: line.show },
    );
    line.clear();
    if (flags.out !== undefined) await writeFileWhole(flags.out, `${JSON.stringify(comparison, null, 2)}\n`);
    stdout.write(flags.json ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
  } finally {
    line.clear();
  }
}

/** The set of a run, or the file itself. Whether it is there, reading says. */
async function fileOf(path: string): Promise<string> {
  const directory = await stat(path).then(
    info => info.isDirectory(),
    () => false,
  );
  return directory ? join(path, 'distilled.safetensors') : path;
}

function draws(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw new DistillError('usage', '--random-draws', {
    expected: 'a whole number from 1 to 1000',
    found: `'${text}'`,
    fix: 'leave it out for 10',
  });
}

/** One line on a terminal that says what is under way and is gone at the end; elsewhere nothing. */
function progressLine(stream: Context['stderr']): { show(text: string): void; clear(): void } {
  const write = (text: string): boolean => stream.isTTY === true && stream.write(`\r\u001b[K${text}`);
  let shown = false;
  return {
    show: text => {
      shown = true;
      write(`${text} …`);
    },
    clear: () => {
      if (shown) write('');
      shown = false;
    },
  };
}
