/** @file Trained networks for a command that starts from them: those of a file, or new ones, written beside the result. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Options, pretrain, saveNetworks } from '../index.ts';
import { type Config, membersOf } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import type { Reporter } from './progress.ts';
import { wholeNumber } from './wholeNumber.ts';

export interface NetworkFlags {
  readonly networks?: string;
  readonly nets?: string;
  readonly trainEpochs?: string;
}

/** Adds the flags that say where trained networks come from. */
export function addNetworkFlags(command: Command): Command {
  const flag = (flags: string, description: string, fallback?: string): Option =>
    new Option(flags, description).default(fallback).helpGroup('Networks');
  return command
    .addOption(
      flag('--networks <FILE>', 'trained networks, from the command pretrain; else they are trained first'),
    )
    .addOption(flag('--nets <R>', 'how many to train of each architecture', '30'))
    .addOption(flag('--train-epochs <E>', 'for how many passes over the training images', '1'));
}

/** The config with its networks: `init` names their file. Trains them on the data of `on` when there is none, into `directory`. */
export async function withNetworks(
  config: Config,
  flags: NetworkFlags,
  on: Options,
  { directory, reporter, command }: { directory: string; reporter: Reporter; command: string },
  { interruptions: { signal } }: Context,
): Promise<Config> {
  if (flags.networks !== undefined) return { ...config, init: `pretrained:${flags.networks}` };
  const training = {
    nets: wholeNumber('--nets', flags.nets ?? '', command),
    epochs: wholeNumber('--train-epochs', flags.trainEpochs ?? '', command),
  };
  const architectures = [...new Set(membersOf(config.models))].join(',');
  reporter.event({
    type: 'notice',
    message: `training ${training.nets} networks of ${architectures} first (--networks FILE uses some that are there)`,
  });
  const file = join(directory, 'networks.safetensors');
  await saveNetworks(file, await pretrain({ ...on, models: architectures }, training, { signal }));
  return { ...config, init: `pretrained:${file}` };
}
