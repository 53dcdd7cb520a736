/** @file The command `reproduce`: one gradient task, written whole. */
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { newestIn } from '../checkpoints/index.ts';
import { reproduce } from '../index.ts';
import { encodeNpz, writeFileWhole } from '../shared/artifacts/index.ts';
import type { Context } from './context.ts';
import { addFlags, givenFlags } from './flags.ts';
import { optionsOf } from './options.ts';
import { prepareFile } from './outputFile.ts';
import { checkpointsIn } from './run.ts';
import { wholeNumber } from './wholeNumber.ts';

interface Flags {
  readonly step?: string;
  readonly member?: string;
  readonly out?: string;
  readonly config?: string;
}

/** The task itself is computed by this process, whatever the run's workers are. */
const inPlace = { transport: 'inline' };

export function reproduceCommand(context: Context): Command {
  const command = new Command('reproduce')
    .description('compute one gradient task alone and write all of it, to be checked anywhere')
    .option('--preset <name>', 'named options, as for distill')
    .option('--config <FILE>', 'the run: its directory, its config.json, or a JSON file of options')
    .option(
      '--step <T>',
      'outer step, from 0; those before it are computed again, from the newest checkpoint of --config DIR',
      '0',
    )
    .option('--member <J>', 'ensemble member, from 0', '0')
    .option('--out <FILE>', 'where to write the arrays; task.json goes beside it', 'task.npz');
  return addFlags(command).action(async (_, self: Command) => {
    const { step = '0', member = '0', out = 'task.npz', config } = self.opts<Flags>();
    const at = wholeNumber('--step', step, 'reproduce');
    const checkpoints = config === undefined ? undefined : checkpointsIn(config);
    const found = await newestIn(checkpoints ?? '', at).catch(() => undefined); // it only saves time
    const stored = found?.checkpoint.origin.config; // a run that was lengthened has other options than it began with
    const { engine, tfjsBackend } = await optionsOf(self, { ...givenFlags(self), ...inPlace }, {}, stored);
    const { engine: _flag, tfjsBackend: _other, ...flags } = givenFlags(self);
    const run = await optionsOf(self, flags, {}, stored); // the steps before are computed as the run computed them
    const question = {
      step: at,
      member: wholeNumber('--member', member, 'reproduce'),
      ...(engine !== 'auto' && { engine, tfjsBackend }),
    };
    await prepareFile(out);
    const { arrays, task } = await reproduce(run, question, {
      signal: context.interruptions.signal,
      ...(checkpoints && { checkpoints }),
    });
    const taskFile = join(dirname(out), 'task.json');
    await writeFileWhole(out, encodeNpz(arrays));
    await writeFileWhole(taskFile, `${JSON.stringify(task, null, 2)}\n`);
    context.stdout.write(`wrote ${out} and ${taskFile}\n`);
  });
}
