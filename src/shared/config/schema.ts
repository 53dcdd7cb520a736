/** @file All options of a run, each written once: type, range, default and description. Flags, --help, the JSON schema and docs/options.md follow from here.
 *  `.meta` goes last: what comes after it would drop it. */
import { z } from 'zod';
import { dataOptions } from './options/data.ts';
import { ensembleOptions } from './options/ensemble.ts';
import { evaluationOptions } from './options/evaluation.ts';
import { executionOptions } from './options/execution.ts';
import { methodOptions } from './options/method.ts';
import { natsOptions } from './options/nats.ts';
import { outerOptions } from './options/outer.ts';

/** Headings under which options are listed, in this order. */
export const groups = {
  data: 'Data',
  method: 'Method',
  ensemble: 'Ensemble',
  outer: 'Outer optimisation',
  evaluation: 'Evaluation',
  execution: 'Execution',
  nats: 'Other machines (NATS)',
} as const;

/** The options of a run. Names are those of the flags in camel case. */
export const Options = z.strictObject({
  ...dataOptions,
  ...methodOptions,
  ...ensembleOptions,
  ...outerOptions,
  ...evaluationOptions,
  ...executionOptions,
  ...natsOptions,
});

/** Options as a user gives them: everything may be left out. */
export type Options = z.input<typeof Options>;
export type OptionName = keyof typeof Options.shape;

/** What is written about an option beside its type. */
export interface OptionMeta {
  readonly group: keyof typeof groups;
  readonly description: string;
  readonly placeholder?: string;
  /** What a boolean that may be on by default means when it is switched off. */
  readonly off?: string;
}

/** What is written about an option. */
export const metaOf = (name: OptionName): OptionMeta => Options.shape[name].meta() as unknown as OptionMeta; // zod's metadata is untyped; a test holds that each option has it

/** Options without those that say where other machines are met: what is stored of a run, and what workers are told. They may hold secrets. */
export function withoutConnection<O extends object>(options: O): Omit<O, keyof typeof natsOptions> {
  const entries = Object.entries(options).filter(([name]) => !Object.hasOwn(natsOptions, name));
  return Object.fromEntries(entries) as Omit<O, keyof typeof natsOptions>;
}

/** The JSON schema of a config file. */
export const jsonSchema = (): object => z.toJSONSchema(Options, { io: 'input' });
