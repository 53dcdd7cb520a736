/** @file The command `reproduce`: one gradient task, written whole. */
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { reproduce } from '../index.ts';
import { encodeNpz, writeFileWhole } from '../shared/artifacts/index.ts';
import type { Context } from './context.ts';
import { addFlags, givenFlags } from './flags.ts';
import { optionsOf } from './options.ts';
import { prepareFile } from './outputFile.ts';
import { wholeNumber } from './wholeNumber.ts';

interface Flags {
  readonly step?: string;
  readonly member?: string;
  readonly out?: string;
}

export function reproduceCommand(context: Context): Command {
  const command = new Command('reproduce')
    .description('compute one gradient task alone and write all of it, to be checked anywhere')
    .option('--preset <name>', 'named options, as for distill')
    .option('--config <FILE>', 'the run: its directory, its config.json, or a JSON file of options')
    .option('--step <T>', 'outer step, from 0; the steps before it are computed again', '0')
    .option('--member <J>', 'ensemble member, from 0', '0')
    .option('--out <FILE>', 'where to write the arrays; task.json goes beside it', 'task.npz');
  return addFlags(command).action(async (_, self: Command) => {
    const { step = '0', member = '0', out = 'task.npz' } = self.opts<Flags>();
    const { engine } = await optionsOf(self);
    const { engine: _flag, ...flags } = givenFlags(self);
    const run = await optionsOf(self, flags); // the steps before are computed as the run computed them
    const question = {
      step: wholeNumber('--step', step, 'reproduce'),
      member: wholeNumber('--member', member, 'reproduce'),
      engine,
    };
    await prepareFile(out);
    const { arrays, task } = await reproduce(run, question, { signal: context.interruptions.signal });
    const taskFile = join(dirname(out), 'task.json');
    await writeFileWhole(out, encodeNpz(arrays));
    await writeFileWhole(taskFile, `${JSON.stringify(task, null, 2)}\n`);
    context.stdout.write(`wrote ${out} and ${taskFile}\n`);
  });
}
