/** @file The command `attack`: poisoning by distillation. A few images after whose inner steps a trained network takes one class for another and keeps the rest
 *  (Markov 2020; Wang et al. 2018, section 4.3). */
import { Command } from 'commander';
import type { Context } from './context.ts';
import { addRunFlags, noResume } from './distill.ts';
import { givenFlags } from './flags.ts';
import { addNetworkFlags, type NetworkFlags, withNetworks } from './networks.ts';
import { optionsOf } from './options.ts';
import { type OutputFlags, runDistill } from './run.ts';

interface Flags extends OutputFlags, NetworkFlags {
  readonly from: string;
  readonly to: string;
}

/** Trained networks need far fewer outer steps than fresh ones. */
const usual = { models: 'conv', steps: 1000 } as const;

export function attackCommand(context: Context): Command {
  const command = new Command('attack')
    .description('distil images whose inner steps make a trained network take one class for another')
    .requiredOption('--from <CLASS>', 'whose images are to be taken …')
    .requiredOption('--to <CLASS>', '… for this class');
  addNetworkFlags(command);
  return addRunFlags(command).action(async (_, self: Command) => {
    noResume(self);
    const flags = self.opts<Flags>();
    const given = { ...givenFlags(self), attackFrom: flags.from, attackTo: flags.to };
    const config = await optionsOf(self, given, usual);
    const { attackFrom: _from, attackTo: _to, ...clean } = config;
    await runDistill(config, flags, context, (directory, reporter) =>
      withNetworks(config, flags, clean, { directory, reporter, command: 'attack' }, context),
    );
  });
}
