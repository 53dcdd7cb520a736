/** @file What is wrong with a model file, in one line. In: where it stands, what was found there. Out: DistillErrors 'bad-file', and options checked
 *  by a schema. Text from the file is cut and loses its control characters before it is shown. Knows no format. */
import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { badFile } from '../../artifacts/reading.ts';
import type { DistillError } from '../../errors.ts';

/** Where all that is accepted is listed. */
export const seeDocs = 'see docs/models.md for what can be read';

/** A 'bad-file' error: what was expected of the model file at `where`, what was found there, what to do about it. */
export const badModel = (
  where: string,
  expected: string,
  found: string,
  fix = seeDocs,
  cause?: unknown,
): DistillError => badFile(where, expected, found, { fix, cause });

/** A JSON object: anything may stand in it. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A name from the file as it is shown in a message. */
export const printable = (text: string): string => text.slice(0, 60).replace(/\p{C}/gu, '?');

/** A value from the file as it is shown in a message. */
export const show = (value: unknown): string => printable(JSON.stringify(value) ?? 'nothing');

/** An error for a name that is none of `choices`, with the nearest one if it is near. */
export function unknownName(
  where: string,
  found: string,
  choices: readonly string[],
  { what = 'one of', fix }: { what?: string; fix?: string } = {},
): DistillError {
  const shown = printable(found);
  const far = (choice: string): number => distance(choice.toLowerCase(), shown.toLowerCase());
  const [nearest = ''] = [...choices].sort((a, b) => far(a) - far(b));
  const isNear = far(nearest) <= Math.max(nearest.length, shown.length) / 2;
  return badModel(
    where,
    `${what} ${choices.join(', ')}`,
    `'${shown}'`,
    fix ?? (isNear ? `did you mean ${nearest}?` : seeDocs),
  );
}

/** `options` as the schema takes them. Each option's description in the schema says what is expected of it.
 *  @throws DistillError 'bad-file' for the first option that is unknown, missing or of another kind, in this order of kinds. */
export function checkedOptions<S extends z.ZodObject>(
  schema: S,
  options: Fields,
  where: string,
): z.output<S> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const unknown = issues.find(issue => issue.code === 'unrecognized_keys');
  const names = Object.keys(schema.shape);
  if (unknown && names.length === 0)
    throw badModel(where, 'no options', `'${printable(unknown.keys[0]!)}'`, 'leave it out');
  if (unknown) throw unknownName(where, unknown.keys[0]!, names, { what: 'one of the options' });
  const option = String(issues[0]!.path[0]);
  const expected = schema.shape[option]?.description ?? issues[0]!.message;
  if (options[option] === undefined)
    throw badModel(where, `${option}, ${expected}`, `no ${option}`, `add ${option}`);
  throw badModel(`${where}, ${option}`, expected, show(options[option]));
}
