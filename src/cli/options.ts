/** @file A command's options from its sources: what the command usually takes, preset, config file, flags; the later wins. */
import type { Command } from 'commander';
import { type Config, type Options, presets, resolveConfig, unknownChoice } from '../shared/config/index.ts';
import { readConfigFile } from './configFile.ts';
import { givenFlags, kebab } from './flags.ts';

/** Options of the run that a command line describes, checked. `stored`: what its config file is to say instead of what it says. @throws DistillError 'usage' naming the flag, or the file and its key. */
export async function optionsOf(
  command: Command,
  fromFlags = givenFlags(command),
  usual: Options = {},
  stored?: Config,
): Promise<Config> {
  const { preset, config: file } = command.opts<{ preset?: string; config?: string }>();
  if (preset !== undefined && !Object.hasOwn(presets, preset))
    throw unknownChoice('--preset', preset, Object.keys(presets));
  const fromPreset: Record<string, unknown> =
    preset === undefined ? {} : presets[preset as keyof typeof presets];
  const fromFile = stored ?? (file === undefined ? {} : await readConfigFile(file));
  const where = (option: string): string =>
    Object.hasOwn(fromFile, option) && !Object.hasOwn(fromFlags, option)
      ? `${file}: ${option}`
      : `--${kebab(option)}`;
  const given = { ...fromPreset, ...fromFile, ...fromFlags };
  const { steps, ...others } = usual;
  const merged: Record<string, unknown> = {
    ...others,
    ...(given.epochs === undefined && { steps }),
    ...given,
  };
  if (Object.hasOwn(fromFlags, 'epochs') && !Object.hasOwn(fromFlags, 'steps')) delete merged.steps; // a flag wins over the file's other way to say it
  if (Object.hasOwn(fromFlags, 'steps') && !Object.hasOwn(fromFlags, 'epochs')) delete merged.epochs;
  return resolveConfig(merged, where);
}
