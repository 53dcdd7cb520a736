/** @file Labels as files have them, made to class names. Numbers must be whole; '3', '3.0' and 3 are one class. */
import { badContent, contentLimits } from './content.ts';

/** Text for a label: a whole number as its digits, another word as it is.
 *  @throws DistillError 'bad-data' for no label, and for numbers that are not whole. */
export function labelOf(value: string | number, where: string): string {
  const text = typeof value === 'string' ? value.trim() : String(value);
  const number = Number(text);
  if (text !== '' && Number.isSafeInteger(number)) return String(number);
  if (text === '' || !Number.isNaN(number) || /^[+-]?nan$/i.test(text))
    throw badContent(
      where,
      'labels that are whole numbers or names',
      text === '' ? 'none' : text.slice(0, 40),
    );
  return text;
}

/** The classes in order: numbers by value, else names by their code units. A training part must have all of them.
 *  @throws DistillError 'bad-data' for fewer than 2 classes, more than 256, or one without training images. */
export function classesOf(train: readonly string[], test: readonly string[], where: string): string[] {
  const found = new Set(train);
  const { classes } = contentLimits;
  if (found.size < 2 || found.size > classes)
    throw badContent(
      where,
      `2 to ${classes} classes`,
      found.size === 1 ? `one, '${train[0]}'` : `${found.size}`,
      'name the column or the folders that tell the classes apart',
    );
  const strange = test.find(label => !found.has(label));
  if (strange !== undefined)
    throw badContent(where, 'training images of every class', `none of the test class '${strange}'`);
  const names = [...found];
  return names.every(name => Number.isSafeInteger(Number(name)))
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort((a, b) => (a < b ? -1 : 1));
}
