/** @file What a wrong option must end in. */
import { expect } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';

/** What `run` throws: it must be a DistillError 'usage' in one line. */
export function usageError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DistillError);
    expect((error as DistillError).code).toBe('usage');
    expect((error as DistillError).message).toMatch(/^[^\n]{1,700}$/);
    return (error as DistillError).message;
  }
  return expect.unreachable('it was accepted');
}
