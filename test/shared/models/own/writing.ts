/** @file Model files for tests: fixtures, small Keras models written by hand, and the message of a refusal. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { DistillError } from '../../../../src/shared/errors.ts';
import { parseModel } from '../../../../src/shared/models/own/index.ts';

export const fixtures = [
  'lenet.layers.json',
  'lenet.tfjs.json',
  'lenet.keras3.json',
  'chain.keras2.json',
  'chain.keras3.json',
  'zoo.keras3.json',
] as const;
export type Fixture = (typeof fixtures)[number];

export const fixturePath = (name: Fixture): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
export const fixtureText = (name: Fixture): string => readFileSync(fixturePath(name), 'utf8');

type Json = Record<string, unknown>;

/** A Keras layer; `more` goes beside its config. */
export const layer = (className: string, config: Json = {}, more: Json = {}): Json => ({
  class_name: className,
  config,
  ...more,
});

export const image = (...shape: (number | null)[]): Json =>
  layer('InputLayer', { batch_shape: [null, ...shape], name: 'image' });

export const sequential = (...layers: unknown[]): Json => ({
  class_name: 'Sequential',
  config: { name: 'sequential_1', layers },
});

/** A Functional model of dense layers [name, …the layers it takes its input from]; the first has none and is the input. */
export function functional(
  layers: readonly (readonly string[])[],
  inputs: readonly string[] = [layers[0]![0]!],
  outputs: readonly string[] = [layers.at(-1)![0]!],
): Json {
  const tensor = (name: string): unknown[] => [name, 0, 0];
  return {
    class_name: 'Functional',
    config: {
      name: 'functional_1',
      layers: layers.map(([name, ...from]) => ({
        name,
        ...(from.length > 0 ? layer('Dense', { units: 3 }) : image(8)),
        inbound_nodes: from.length > 0 ? [from.map(source => [...tensor(source), {}])] : [],
      })),
      input_layers: inputs.map(tensor),
      output_layers: outputs.map(tensor),
    },
  };
}

export const parsed = (json: unknown, where = 'mine.json') => parseModel(JSON.stringify(json), where);

/** Checks that `read` fails as a file that its user can mend, in one line. @returns the line */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DistillError);
    const { code, message } = error as DistillError;
    expect(code).toBe('bad-file');
    expect(message).not.toMatch(/\p{C}/u);
    return message;
  }
  throw new Error('nothing was refused');
}
