/** @file The command `worker`: serves runs on other machines, over NATS. */
import { Command } from 'commander';
import { type WorkOptions, work } from '../index.ts';
import { resolveConfig } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { addFlags, givenFlags, kebab, optionNames } from './flags.ts';
import { wholeNumber } from './wholeNumber.ts';

interface Flags {
  readonly concurrency?: string;
  readonly once?: boolean;
  readonly quiet?: boolean;
}

export function workerCommand({ interruptions, stderr }: Context): Command {
  const command = new Command('worker')
    .description('compute for runs with --transport nats, on this machine, until it is interrupted')
    .option('--concurrency <n>', 'tasks at the same time (all available cores)')
    .option('--once', 'end with the first run, instead of waiting for the next')
    .option('--quiet', 'say nothing but errors');
  const names = optionNames('nats').filter(name => name !== 'mixedCpus');
  return addFlags(command, [...names, 'dataset', 'dataDir'])
    .addHelpText('after', help)
    .action(async (_, self: Command) => {
      const { concurrency, once = false, quiet } = self.opts<Flags>();
      const given = givenFlags(self);
      resolveConfig(given, option => `--${kebab(option)}`); // names the flag
      const tell = (message: string): void => void stderr.write(`${message}\n`);
      await work(
        {
          ...(given as WorkOptions),
          once,
          ...(concurrency !== undefined && {
            concurrency: wholeNumber('--concurrency', concurrency, 'worker'),
          }),
        },
        { signal: interruptions.signal, ...(!quiet && { onNotice: tell }) },
      );
    });
}

const help = `
The run's data set is read here when it is one with a name, or the one that --dataset names; else it comes over NATS.

Example:
  $ distill-cluster --transport nats --nats-url nats://head:4222 --run-name night --models conv:8
  $ distill-cluster worker --nats-url nats://head:4222 --run-name night        # on each machine
`;
