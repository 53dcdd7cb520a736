/** @file A hundred thousand mutated messages and files into every decoder: each is refused in one line, or is within the limits; nothing crashes, hangs or takes memory; and where the
 *  format carries a checksum no mutant is accepted. */
import { describe, expect, test } from 'vitest';
import { DistillError } from '../../src/shared/errors.ts';
import { fuzzed } from '../fixtures/fuzzed.ts';
import { mutants } from '../fixtures/mutants.ts';
import { scratch } from '../fixtures/runs.ts';

const decoders = Object.entries(await fuzzed(scratch()));
const seed = 20_261_124;
/** A decoder may look at a mutant for so long; a hang is longer. */
const longestMs = 2000;
/** What a thousand small mutants may leave in memory, with what the engine collects later. */
const memoryBytes = 400 * 2 ** 20;

test('there are at least a hundred thousand', () => {
  expect(decoders.reduce((total, [, { count }]) => total + count, 0)).toBeGreaterThanOrEqual(100_000);
});

describe.each(decoders)('%s', (_, { samples, decode, sealed, count }) => {
  test('the samples themselves are read', async () => {
    const read: unknown[] = [];
    for (const sample of samples)
      read.push(
        await Promise.resolve(sample)
          .then(decode)
          .catch(() => undefined),
      );
    expect(read.some(value => value !== undefined)).toBe(true); // some are of another kind
  });

  test(`${count} mutants`, async () => {
    const before = process.memoryUsage.rss();
    let slowest = 0;
    let highest = before;
    const accepted: number[] = [];
    for (const { bytes, number } of mutants(samples, count, seed)) {
      const began = performance.now();
      try {
        await decode(bytes);
        accepted.push(number);
      } catch (error) {
        const context = `mutant ${number} of seed ${seed}`;
        expect(error, context).toBeInstanceOf(DistillError);
        expect((error as DistillError).message, context).toMatch(/^[^\n]{1,700}$/);
      }
      slowest = Math.max(slowest, performance.now() - began);
      if (number % 100 === 0) highest = Math.max(highest, process.memoryUsage.rss());
    }
    expect(slowest).toBeLessThan(longestMs);
    expect(highest - before).toBeLessThan(memoryBytes);
    if (sealed) expect(accepted, `accepted of seed ${seed}`).toEqual([]);
  });
});
