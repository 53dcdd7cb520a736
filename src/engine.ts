/** @file Which engine a run has, where its options leave that open. In: a config. Out: one that names an engine, and a line that says why, when it is not the fastest. */
import { newestIn } from './checkpoints/index.ts';
import type { SessionOptions } from './session.ts';
import { type Config, needsProcesses, showEngine } from './shared/config/index.ts';
import { messageOf, oneLine } from './shared/errors.ts';
import { automatic, loadEngine } from './worker/engines/index.ts';

type Choice = (typeof automatic)[number];

/** The config with `auto` settled, once and for all: what is stored of a run, and what its workers are told, names the engine. A run that goes on has the engine that it began
 *  with; any other one the first of `automatic` that loads here. @throws the last one's error when none does. */
export async function withEngine(
  config: Config,
  { checkpoints, resume, onNotice }: Pick<SessionOptions, 'checkpoints' | 'resume' | 'onNotice'>,
  choices: readonly Choice[] = automatic,
  load: (choice: Choice) => Promise<unknown> = ({ engine, tfjsBackend }) => loadEngine(engine, tfjsBackend),
): Promise<Config> {
  if (config.engine !== 'auto') return config;
  const begun = resume && checkpoints !== undefined ? await newestIn(checkpoints) : undefined;
  if (begun !== undefined) {
    const { engine, tfjsBackend } = begun.checkpoint.origin.config;
    if (engine !== choices[0]?.engine)
      onNotice?.(`engine ${showEngine({ engine, tfjsBackend })}, as the run was begun`);
    return { ...config, engine, tfjsBackend };
  }
  const passed: string[] = [];
  let failure: unknown;
  for (const choice of choices) {
    const chosen = { ...config, ...choice };
    const name = showEngine(chosen);
    if (needsProcesses(chosen) && config.transport === 'threads') {
      passed.push(`${name} needs --transport cluster`);
      continue;
    }
    try {
      await load(choice);
    } catch (error) {
      failure = error;
      passed.push(`${name} does not load (${oneLine(messageOf(error), 120)})`);
      continue;
    }
    if (passed.length > 0) onNotice?.(`engine ${name}: ${passed.join(', ')}`); // else the fastest: a run's first line names it
    return chosen;
  }
  throw failure;
}
