/** @file Flags from the schema: one for each option, with its group, default and choices in --help. In: the schema. Out: commander options, and the values a user gave. */
import { type Command, Option } from 'commander';
import { groups, metaOf, type OptionMeta, type OptionName, Options } from '../shared/config/index.ts';

/** imagesPerClass → images-per-class. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** The options of some groups, in the schema's order: what is added to a group is in every command that takes it. */
export const optionNames = (...wanted: readonly OptionMeta['group'][]): OptionName[] =>
  (Object.keys(Options.shape) as OptionName[]).filter(name => wanted.includes(describe(name).meta.group));

/** Adds a flag for each of `names` (all options when left out) to `command`. */
export function addFlags(
  command: Command,
  names: readonly OptionName[] = Object.keys(Options.shape) as OptionName[],
): Command {
  for (const group of Object.keys(groups) as (keyof typeof groups)[])
    for (const name of names) {
      const { meta, fallback, kind, choices } = describe(name);
      if (meta.group !== group) continue;
      const text = `${meta.description}${choices ? `: ${choices.join(', ')}` : ''}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
      const flag = `--${kebab(name)}`;
      if (kind === 'boolean' && meta.off !== undefined) {
        command.addOption(new Option(flag, text).helpGroup(groups[group]));
        command.addOption(new Option(`--no-${kebab(name)}`, meta.off).helpGroup(groups[group]));
      } else {
        const value =
          kind === 'boolean' ? '' : ` <${meta.placeholder ?? (kind === 'number' ? 'n' : 'name')}>`;
        command.addOption(new Option(`${flag}${value}`, text).helpGroup(groups[group]));
      }
    }
  return command;
}

/** The options given as flags: numbers as numbers, text that is none as it is, so that the schema can name it. */
export function givenFlags(command: Command): Record<string, unknown> {
  const given = Object.entries(command.opts()).filter(
    ([name]) => Object.hasOwn(Options.shape, name) && command.getOptionValueSource(name) === 'cli',
  );
  return Object.fromEntries(given.map(([name, value]) => [name, typed(name as OptionName, value)]));
}

const typed = (name: OptionName, value: unknown): unknown =>
  describe(name).kind === 'number' &&
  typeof value === 'string' &&
  value.trim() !== '' &&
  !Number.isNaN(Number(value))
    ? Number(value)
    : value;

/** What --help and typed flags need to know of an option. */
interface Description {
  readonly meta: OptionMeta;
  readonly fallback: unknown;
  readonly kind: 'boolean' | 'number' | 'string';
  readonly choices: readonly string[] | undefined;
}

const known = new Map<OptionName, Description>();

/** Each option is described once: its JSON schema takes a tenth of a millisecond, and all commands ask for each of theirs several times before the first one runs. */
export function describe(name: OptionName): Description {
  const description = known.get(name) ?? described(name);
  known.set(name, description);
  return description;
}

function described(name: OptionName): Description {
  const schema = Options.shape[name];
  const json = schema.toJSONSchema({ io: 'input' }) as {
    type?: string;
    enum?: string[];
    anyOf?: { type?: string }[];
    default?: unknown;
  };
  const type =
    json.type ?? json.anyOf?.map(part => part.type).find(t => t === 'number' || t === 'integer') ?? 'string';
  return {
    meta: metaOf(name),
    fallback: json.default,
    kind: type === 'boolean' ? 'boolean' : type === 'string' ? 'string' : 'number',
    choices: json.enum,
  };
}
