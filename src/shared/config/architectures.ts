/** @file The architectures of a run as plain data: named ones built from their options. They cross to workers, and into the file of a distilled set. */
import { DistillError } from '../errors.ts';
import { type LayerSpec, type ModelName, models } from '../models/index.ts';
import { type Config, membersOf } from './resolve.ts';

/** One architecture, its sizes settled. */
export interface Architecture {
  readonly layers: readonly LayerSpec[];
  /** T of the outer loss at which it distils best. */
  readonly temperature: number;
  /** Outer steps after which it gains little. */
  readonly steps: number;
  /** Whether the inner steps forget unless told. */
  readonly decay: boolean;
}

/** The architectures by name, as `--models` calls them. */
export type Architectures = Readonly<Record<string, Architecture>>;

/** The named architectures of a config, for K classes. */
export function namedArchitectures(config: Config, classes: number): Architectures {
  const names = membersOf(config.models).filter(name => Object.hasOwn(models, name));
  return Object.fromEntries(
    names.map(name => {
      const { layers, temperature, steps, decay } = models[name as ModelName];
      return [name, { layers: layers(config, classes), temperature, steps, decay }];
    }),
  );
}

/** @throws DistillError 'usage' for a name without an architecture. */
export function architectureOf(architectures: Architectures, name: string): Architecture {
  if (Object.hasOwn(architectures, name)) return architectures[name]!;
  throw new DistillError('usage', 'models', {
    expected: `one of ${Object.keys(architectures).join(', ')}`,
    found: `'${name}'`,
    fix: 'name an architecture, or the file of one',
  });
}

/** Layers as plain records, as files keep them. */
export const layersAsData = ({ layers }: Architecture): { layer: string; [option: string]: unknown }[] =>
  layers.map(spec => ({ ...spec }));
