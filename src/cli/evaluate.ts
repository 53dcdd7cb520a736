/** @file The command `evaluate`: fresh networks on a distilled set. */
import { Command } from 'commander';
import { evaluate, loadDistilled } from '../index.ts';
import type { OptionName } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { addFlags, givenFlags } from './flags.ts';
import { percent } from './progress.ts';

const flags: readonly OptionName[] = [
  'dataset',
  'dataDir',
  'models',
  'init',
  'mu',
  'sigma',
  'kernel',
  'filters',
  'hidden',
  'seed',
  'evalNets',
  'workers',
  'transport',
  'engine',
];

export function evaluateCommand(context: Context): Command {
  const command = new Command('evaluate')
    .description('train fresh networks on a distilled set and test them')
    .argument('<SET>', 'a distilled.safetensors');
  return addFlags(command, flags)
    .option('--json', 'one JSON line on stdout')
    .action(async (path: string, options: { json?: boolean }, self: Command) => {
      const set = await loadDistilled(path);
      const accuracy = await evaluate(set, givenFlags(self), { signal: context.interruptions.signal });
      const sentence = `test accuracy ${percent(accuracy.mean)} ± ${percent(accuracy.std)} % over ${accuracy.nets} fresh networks, ${set.innerSteps} steps on ${set.labels.length / set.classNames.length} images`;
      context.stdout.write(
        `${options.json ? JSON.stringify({ ...accuracy, protocol: 'schedule' }) : sentence}\n`,
      );
    });
}
