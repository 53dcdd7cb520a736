/** @file What a reader may do with bytes that nobody vouches for. */
import { expect } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';

/** The value that `read` gives, or undefined when it throws; anything thrown must be a DistillError 'bad-file' in one bounded line. */
export function readOrBadFile<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(DistillError);
    expect((error as DistillError).code).toBe('bad-file');
    expect((error as DistillError).message.length).toBeLessThan(700);
    return undefined;
  }
}
