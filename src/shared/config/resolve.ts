/** @file From options to the config of a run: defaults filled in, checked, every derived value computed. */
import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { DistillError } from '../errors.ts';
import { type Distribution, models } from '../models/index.ts';
import { needsProcesses, showEngine } from './engine.ts';
import { initialisations } from './options/ensemble.ts';
import { Options } from './schema.ts';

/** Options with all defaults filled in: what decides a run's result, and how it is executed. */
export type Config = z.output<typeof Options> & { readonly steps: number | undefined };

const memberLimit = 1024;

/** Checks options and fills in defaults. `where` says in messages where the options come from: a flag, a file.
 *  @throws DistillError 'usage', one line that names the first wrong option, what was found and what to do. */
export function resolveConfig(
  options: unknown,
  where: (option: string) => string = option => option,
): Config {
  const parsed = Options.safeParse(options);
  if (!parsed.success) throw usage(parsed.error.issues[0]!, options, where);
  const config = parsed.data;
  membersOf(config.models, where('models'));
  if (config.steps !== undefined && config.epochs !== undefined)
    throw new DistillError('usage', where('epochs'), {
      expected: 'steps or epochs',
      found: 'both',
      fix: 'give one of them',
    });
  if (config.innerBatch !== undefined && config.order !== 'random')
    throw new DistillError('usage', where('innerBatch'), {
      expected: "order 'random', whose mini-batches have that size",
      found: `'${config.order}'`,
      fix: 'leave innerBatch out, or change the order',
    });
  const attack = [config.attackFrom, config.attackTo];
  if ((attack[0] === undefined) !== (attack[1] === undefined) || (attack[0] && attack[0] === attack[1]))
    throw new DistillError('usage', where('attackFrom'), {
      expected: 'two different classes, attackFrom and attackTo',
      found: attack.map(name => name ?? 'none').join(' and '),
      fix: 'give both, or none',
    });
  if (config.etaMin > config.etaMax)
    throw new DistillError('usage', where('etaMin'), {
      expected: `a lower clamp of at most etaMax = ${config.etaMax}`,
      found: String(config.etaMin),
      fix: 'lower etaMin or raise etaMax',
    });
  if (config.eta < config.etaMin || config.eta > config.etaMax)
    throw new DistillError('usage', where('eta'), {
      expected: `a start within the clamp [${config.etaMin}, ${config.etaMax}]`,
      found: String(config.eta),
      fix: 'change eta, etaMin or etaMax',
    });
  const transport = transportOf(config as Config, options as { transport?: unknown }, where);
  return { ...(config as Config), transport };
}

/** Processes where the engine needs them and nothing else was asked for. */
function transportOf(
  config: Config,
  given: { readonly transport?: unknown },
  where: (option: string) => string,
): Config['transport'] {
  if (config.transport !== 'threads' || !needsProcesses(config)) return config.transport;
  if (given.transport === undefined) return 'cluster';
  throw new DistillError('usage', where('transport'), {
    expected: `processes: the engine ${showEngine(config)} is not safe in threads`,
    found: 'threads',
    fix: "use the transport cluster, or tfjsBackend 'wasm'",
  });
}

/** The architecture of each ensemble member, in member order: 'logreg:2,conv' → [logreg, logreg, conv]. A name with a slash or .json is the path of a model.
 *  @throws DistillError 'usage' for an unknown architecture or an impossible count. */
export function membersOf(spec: string, where = 'models'): string[] {
  const members = spec.split(',').flatMap(part => {
    const [, name = '', count = '1'] = /^(.*?)(?::([^:/\\]*))?$/s.exec(part.trim())!;
    const number = /^\d{1,4}$/.test(count) ? Number(count) : 0;
    if (number < 1 || (name.includes(':') && !isPath(name)))
      throw new DistillError('usage', where, {
        expected: 'architecture:count with a count from 1',
        found: `'${part.trim()}'`,
        fix: "write for instance 'logreg:2,conv:2'",
      });
    if (!isPath(name) && !Object.hasOwn(models, name)) throw unknownChoice(where, name, Object.keys(models));
    return new Array<string>(number).fill(name);
  });
  if (members.length > memberLimit)
    throw new DistillError('usage', where, {
      expected: `at most ${memberLimit} members`,
      found: String(members.length),
      fix: 'use fewer',
    });
  return members;
}

/** Whether an architecture's name is the path of a model's file. */
export const isPath = (name: string): boolean => /[/\\]|\.json$/.test(name);

/** How w_0 is drawn, and whether anew at each step; `file` names the networks to take it from instead. */
export function initialisationOf({ init, mu, sigma }: Config): {
  kind: Distribution;
  mu: number;
  sigma: number;
  fixed: boolean;
  file: string | undefined;
} {
  const file = init.startsWith('pretrained:') ? init.slice('pretrained:'.length) : undefined;
  const kind = init === 'fixed' || file !== undefined ? 'xavier' : (init as Distribution);
  return { kind, mu, sigma, fixed: init === 'fixed', file };
}

/** Choices that are listed in a message; of more the nearest are named. */
const listed = 24;

/** An error for a value that is none of `choices`, with the nearest one. */
export function unknownChoice(where: string, found: string, choices: readonly string[]): DistillError {
  const nearby = [...choices].sort((a, b) => distance(a, found) - distance(b, found));
  const [nearest] = nearby;
  return new DistillError('usage', where, {
    expected: `one of ${choices.length > listed ? `${choices.length}, such as ${nearby.slice(0, 3).join(', ')}` : choices.join(', ')}`,
    found: `'${found}'`,
    fix: `did you mean ${nearest}?`,
  });
}

type Issue = z.core.$ZodIssue;

function usage(issue: Issue, options: unknown, where: (option: string) => string): DistillError {
  if (issue.code === 'unrecognized_keys')
    return unknownChoice(where(issue.keys[0]!), issue.keys[0]!, Object.keys(Options.shape));
  const option = issue.path.map(String).join('.');
  if (option === '')
    return new DistillError('usage', where('options'), {
      expected: 'an object of options',
      found: show(options),
      fix: 'see --help',
    });
  const found = show((options as Record<string, unknown>)[option]);
  if (option === 'init' && typeof (options as { init: unknown }).init === 'string')
    return unknownChoice(where(option), found.replaceAll('"', ''), [...initialisations, 'pretrained:FILE']);
  if (issue.code === 'invalid_value')
    return unknownChoice(where(option), found.replaceAll('"', ''), issue.values.map(String));
  return new DistillError('usage', where(option), {
    expected: expectation(option, issue),
    found,
    fix: 'see --help for the range and default',
  });
}

/** Options that take more than one kind of value. */
const severalKinds: Readonly<Record<string, string>> = {
  temperature: "a positive number or 'auto'",
  pixelMax: "a positive number or 'auto'",
  checkpointEvery: 'a number of steps, a time such as 30s, 5m or 1h, or never',
};

function expectation(option: string, issue: Issue): string {
  if (issue.code === 'too_small')
    return `a value ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `a value of at most ${issue.maximum}`;
  if (issue.code === 'invalid_union' || issue.code === 'invalid_format')
    return severalKinds[option] ?? (issue.code === 'invalid_union' ? 'another value' : issue.message);
  if (issue.code === 'invalid_type')
    return issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`;
  return issue.message;
}

/** A value as it is shown in a message: Infinity would be null in JSON, a BigInt or a circle is none. */
function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 80);
  } catch {
    return `${typeof value} that can’t be shown`;
  }
}
