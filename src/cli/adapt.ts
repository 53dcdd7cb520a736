/** @file The command `adapt`: distils images of one data set that adapt networks trained on another in a few steps (Wang et al. 2018, section 4.2). */
import { Command, Option } from 'commander';
import type { Context } from './context.ts';
import { addRunFlags, noResume } from './distill.ts';
import { givenFlags } from './flags.ts';
import { addNetworkFlags, type NetworkFlags, withNetworks } from './networks.ts';
import { optionsOf } from './options.ts';
import { type OutputFlags, runDistill } from './run.ts';

interface Flags extends OutputFlags, NetworkFlags {
  readonly trainedOn: string;
  readonly trainedOnDir?: string;
}

/** Trained networks need far fewer outer steps than fresh ones. */
const usual = { models: 'conv', steps: 1000 } as const;

export function adaptCommand(context: Context): Command {
  const command = new Command('adapt')
    .description('distil images of --dataset that adapt networks trained on another data set')
    .addOption(
      new Option('--trained-on <name>', 'data set of the networks: a name or a path')
        .default('mnist')
        .helpGroup('Networks'),
    )
    .addOption(
      new Option('--trained-on-dir <DIR>', 'where its files are, as --data-dir').helpGroup('Networks'),
    );
  addNetworkFlags(command);
  return addRunFlags(command).action(async (_, self: Command) => {
    noResume(self);
    const flags = self.opts<Flags>();
    const config = await optionsOf(self, givenFlags(self), usual);
    const { dataset: _dataset, dataDir: _dir, testData: _test, labelColumn: _label, ...rest } = config; // of the data to adapt to
    const on = {
      ...rest,
      dataset: flags.trainedOn,
      ...(flags.trainedOnDir && { dataDir: flags.trainedOnDir }),
    };
    await runDistill(config, flags, context, (directory, reporter) =>
      withNetworks(config, flags, on, { directory, reporter, command: 'adapt' }, context),
    );
  });
}
