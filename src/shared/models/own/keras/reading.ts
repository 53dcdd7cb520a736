/** @file How the options of one Keras layer are read. In: its config, and what is known of the place where it stands. Out: our layers. Options that are unknown
 *  here are refused, not passed over: one day's Keras may give them a meaning, and a net that is not the user's would go unseen. */
import type { z } from 'zod';
import { badModel, checkedOptions, type Fields, show } from '../complaints.ts';
import { type OwnLayer, ownLayer } from '../layerSpecs.ts';
import { plain } from './entries.ts';

/** Where a layer stands. */
export interface Place {
  readonly where: string;
  /** Axes of its input with that of the batch, as far as they can be told. */
  readonly rank: number | undefined;
}

/** A layer before its values are checked. */
export type Written = Fields & { readonly layer: OwnLayer['layer'] };

export type Reading = (config: Fields, at: Place) => readonly OwnLayer[];

/** Reads a layer whose options are those of `schema`. Ranges are checked on what comes out, so that they stand in one place. */
export const accepts =
  <S extends z.ZodObject>(
    schema: S,
    read: (options: z.output<S>, at: Place) => readonly Written[],
  ): Reading =>
  (config, at) =>
    read(checkedOptions(schema, meaningful(config), at.where), at).map(spec => ownLayer(spec, at.where));

/** A schema whose value may be left out and is then `value`. */
export const or = <S extends z.ZodType>(schema: S, value: z.core.util.NoUndefined<z.output<S>>) =>
  schema.default(value).describe(schema.description!);

/** They change nothing of what a layer computes from its weights, or say how weights begin. */
const meaningless = new Set(
  'name trainable dtype input_dtype autocast dynamic batch_shape batch_input_shape seed noise_shape'.split(
    ' ',
  ),
);
export const startsWeights = /_(initializer|regularizer|constraint)$/;

/** The options that say what a layer computes. What is null is left out: Keras writes it for what was not given. */
const meaningful = (config: Fields): Fields =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([name, value]) => value !== null && !meaningless.has(name) && !startsWeights.test(name))
      .map(([name, value]) => [name, plain(value)]),
  );

/** @throws DistillError 'bad-file' unless `axis` is the last one, counted from the end or, where the rank is known, from the front. */
export function onLastAxis(axis: unknown, { where, rank }: Place): void {
  const [only, ...more] = Array.isArray(axis) ? axis : [axis];
  if (more.length === 0 && (only === -1 || (rank !== undefined && only === rank - 1))) return;
  throw badModel(`${where}, axis`, 'the last axis, -1', show(axis), 'only along the channels or features');
}
