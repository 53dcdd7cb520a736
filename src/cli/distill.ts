/** @file The command `distill`, the default one. Parses, calls the library, prints. */
import { Command, Option } from 'commander';
import { DistillError } from '../index.ts';
import { presets } from '../shared/config/index.ts';
import type { Context } from './context.ts';
import { addFlags } from './flags.ts';
import { optionsOf } from './options.ts';
import { resumeDistill } from './resume.ts';
import { type OutputFlags, runDistill } from './run.ts';

export function distillCommand(context: Context): Command {
  const command = new Command('distill-cluster')
    .usage('[distill] [options]')
    .description(
      'Dataset distillation: compresses tens of thousands of images into a few synthetic ones on which a fresh network trains in a few steps.',
    );
  addRunFlags(command)
    .addHelpText('after', examples)
    .action(async (_, self: Command) => {
      const { resume, ...flags } = self.opts<OutputFlags & { resume?: string }>();
      if (resume !== undefined) await resumeDistill(self, { ...flags, resume }, context);
      else await runDistill(await optionsOf(self), flags, context);
    });
  return command;
}

const examples = `
Examples:
  $ distill-cluster --workers 8
  $ distill-cluster --models conv:4 --init normal --sigma 0.05 --steps 6000 --out runs/conv
`;

/** Other commands only begin runs. @throws DistillError 'usage'. */
export function noResume(command: Command): void {
  const { resume } = command.opts<{ resume?: string }>();
  if (resume !== undefined)
    throw new DistillError('usage', '--resume', {
      expected: `it without ${command.name()}`,
      found: `${command.name()} --resume ${resume}`,
      fix: `continue with: distill-cluster --resume ${resume}`,
    });
}

/** The flags of every command that distils: all options, where they come from, and where the result goes. */
export function addRunFlags(command: Command): Command {
  const flag = (flags: string, description: string, group: string): Option =>
    new Option(flags, description).helpGroup(group);
  command
    .addOption(
      flag(
        '--preset <name>',
        `named options: ${Object.keys(presets).join(', ')} (Markov 2020’s own recipe)`,
        'Data',
      ),
    )
    .addOption(flag('--config <FILE>', 'JSON file of options, or the directory of a run; flags win', 'Data'));
  return addFlags(command)
    .addOption(flag('--out <DIR>', 'directory for the result (default: runs/ and the time)', 'Output'))
    .addOption(
      flag(
        '--resume <DIR>',
        'go on with the run in that directory; auto: with one that is unfinished',
        'Output',
      ),
    )
    .addOption(flag('--force', 'write into a directory that has files in it', 'Output'))
    .addOption(flag('--json', 'one JSON line per event on stdout, nothing else', 'Output'))
    .addOption(flag('--quiet', 'no progress, only the result', 'Output'));
}
