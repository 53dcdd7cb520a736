import { describe, expect, test } from 'vitest';
import { fromOutcome, outcomeOf } from '../../src/distiller/messages.ts';
import { DistillError } from '../../src/shared/errors.ts';

const aborted = new AbortController();
aborted.abort();
const { signal } = new AbortController();
const reason = new Error('the host’s reason');
const details = { expected: 'a', found: 'b', fix: 'c' };

/** What `work` comes to on the other side of a port. */
const across = async (work: () => unknown, thread = signal): Promise<unknown> =>
  fromOutcome(structuredClone(await outcomeOf(async () => work(), thread)), reason);
const throwing = (error: unknown) => (): never => {
  throw error;
};

describe('over a port', () => {
  test('a value is a value, also undefined', async () => {
    expect(await across(() => ({ x: Float32Array.of(1) }))).toEqual({ x: Float32Array.of(1) });
    expect(await across(() => undefined)).toBeUndefined();
  });

  test.each([
    new DistillError('non-finite', 'step 3', { ...details, task: { step: 3, member: 1, seed: 2 } }),
    new DistillError('unreachable', 'server', details, { cause: new Error('away') }),
  ])('a DistillError is one again: $code', async error => {
    const arrived = await across(throwing(error)).catch((other: unknown) => other);
    expect(arrived).toBeInstanceOf(DistillError);
    const { code, where, message, exitCode } = error;
    expect(arrived).toMatchObject({ code, where, message, exitCode, details: error.details });
  });

  test('an abort is the host’s reason; another error of an aborted call is itself', async () => {
    await expect(across(throwing(aborted.signal.reason), aborted.signal)).rejects.toBe(reason);
    await expect(across(throwing(new RangeError('planted')), aborted.signal)).rejects.toThrow('planted');
  });

  test('anything else keeps its message', async () => {
    await expect(across(throwing(new RangeError('planted')))).rejects.toThrow(RangeError);
    await expect(across(throwing(() => 7))).rejects.toContain('=> 7');
  });
});
