/** @file Numbers in flags that are no options of a run. */
import { DistillError } from '../shared/errors.ts';

/** The number that `text` is. Whether it is too large is for the library to say. @throws DistillError 'usage'. */
export function wholeNumber(flag: string, text: string, command: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new DistillError('usage', flag, {
    expected: 'a whole number from 0',
    found: `'${text}'`,
    fix: `see ${command} --help`,
  });
}
