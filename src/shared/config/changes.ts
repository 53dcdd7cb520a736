/** @file What differs between the config that a run was begun with and the one it is to go on with, and which differences leave every byte of the distilled set as
 *  it would have been. In: two configs. Out: changes. Knows no run. */
import type { Config } from './resolve.ts';
import { metaOf, type OptionName, Options } from './schema.ts';

export interface Change {
  readonly name: OptionName;
  readonly from: unknown;
  readonly to: unknown;
}

/** Options that say where data lie, or how a finished set is judged. */
const harmless: readonly OptionName[] = ['dataDir', 'evalNets', 'evalLr', 'evalMomentum'];

/** All options that differ, in the schema's order. `epochs` is none: both configs have their `steps`. Nor is where a server is: no run keeps that. The engine 'auto' is, for a run
 *  that goes on, the one that it has. */
export function changesBetween(from: Config, to: Config): Change[] {
  const open: readonly OptionName[] = to.engine === 'auto' ? ['engine', 'tfjsBackend'] : [];
  return (Object.keys(Options.shape) as OptionName[]).flatMap(name =>
    name === 'epochs' ||
    open.includes(name) ||
    metaOf(name).group === 'nats' ||
    JSON.stringify(from[name]) === JSON.stringify(to[name])
      ? []
      : [{ name, from: from[name], to: to[name] }],
  );
}

/** Whether a run may go on with that change: its past is as it would have been with it, or it only lengthens or shortens what is to come. Where a task is computed changes
 *  nothing, by what it does; `onNonfinite` may become 'skip', since a run under 'stop' had nothing to skip. */
export function mayChange({ name, to }: Change): boolean {
  if (name === 'engine' || name === 'tfjsBackend') return false;
  if (name === 'onNonfinite') return to === 'skip';
  return metaOf(name).group === 'execution' || name === 'steps' || harmless.includes(name);
}

/** `lr: 0.01 → 0.02`. */
export const showChange = ({ name, from, to }: Change): string => `${name}: ${show(from)} → ${show(to)}`;

const show = (value: unknown): string => (value === undefined ? 'none' : String(value));
