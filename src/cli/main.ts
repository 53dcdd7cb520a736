#!/usr/bin/env node
/** @file The command line. Finds the command, runs it, turns failures into one line and an exit code: 0 done, 1 a run that failed, 2 something its user can mend,
 *  130/143/129 ended by a signal. The process ends by itself, when nothing is left to do. */
import { CommanderError } from 'commander';
import { DistillError, version } from '../index.ts';
import { unknownChoice } from '../shared/config/index.ts';
import { messageOf, oneLine } from '../shared/errors.ts';
import { adaptCommand } from './adapt.ts';
import { attackCommand } from './attack.ts';
import type { Context } from './context.ts';
import { distillCommand } from './distill.ts';
import { evaluateCommand } from './evaluate.ts';
import { pretrainCommand } from './pretrain.ts';
import { reproduceCommand } from './reproduce.ts';
import { interruptions } from './signals.ts';
import { workerCommand } from './worker.ts';

const say = (text: string): boolean => process.stderr.write(`distill-cluster: ${oneLine(text)}\n`);

async function main(args: readonly string[]): Promise<number> {
  const interrupted = interruptions();
  const context: Context = {
    interruptions: interrupted,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => performance.now(),
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', interrupted.stop); // a reader that went away, as `| head` does
  let failed = false;
  process.on('uncaughtException', error => {
    failed = true;
    say(`internal error: ${error.stack ?? error.message}`);
    interrupted.stop(); // tasks in flight are awaited: leaving now would abort the process
  });
  try {
    await parse(args, context);
    return failed ? 1 : (interrupted.exitCode() ?? 0);
  } catch (error) {
    const code = interrupted.exitCode();
    if (code === undefined) return explain(error);
    if (error instanceof DistillError) explain(error); // what was to be written at the end could not be
    return code;
  }
}

/** The program is the command `distill`; the other commands hang below it. */
async function parse(args: readonly string[], context: Context): Promise<void> {
  const commands = [
    evaluateCommand,
    attackCommand,
    adaptCommand,
    pretrainCommand,
    reproduceCommand,
    workerCommand,
  ];
  const others = commands.map(make => make(context));
  const program = distillCommand(context).version(version).helpCommand(true).enablePositionalOptions();
  for (const command of others) program.addCommand(command);
  for (const command of [program, ...others])
    command.exitOverride().configureOutput({ outputError: () => undefined });
  const names = ['distill', 'help', ...others.map(command => command.name())];
  const [first = ''] = args;
  if (first !== '' && !first.startsWith('-') && !names.includes(first))
    throw unknownChoice('command', first, names);
  await program.parseAsync(first === 'distill' ? args.slice(1) : args, { from: 'user' });
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // help and version
    say(`${error.message.replace(/^error: /, '')}; see --help`);
    return 2;
  }
  if (error instanceof DistillError) {
    say(error.message);
    return error.exitCode;
  }
  say(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
