import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue } from '../../src/eventQueue.ts';

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const event of events) read.push(event);
  return read;
}
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('a queue of events', () => {
  test('gives every event once, in order, however pushes, pauses and reads interleave', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 30 }),
        async (bursts, rests) => {
          const queue = new EventQueue<number>();
          const reading = (async () => {
            const read: number[] = [];
            for await (const event of queue.iterate()) {
              read.push(event);
              if (rests[read.length]) await turn();
            }
            return read;
          })();
          let pushed = 0;
          for (const burst of bursts) {
            for (let i = 0; i < burst; i++) queue.push(pushed++);
            if (burst === 0) await turn();
          }
          queue.end();
          expect(await reading).toEqual(Array.from({ length: pushed }, (_, i) => i));
        },
      ),
      { numRuns: 50 },
    ));

  test('keeps nothing before it is read, and everything from then on', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    const events = queue.iterate();
    queue.push(2);
    queue.push(3);
    queue.end();
    expect(await all(events)).toEqual([2, 3]);
  });

  test('an event pushed while the last one is handled, just before the end, is not lost', async () => {
    const queue = new EventQueue<number>();
    const events = queue.iterate();
    queue.push(1);
    expect((await events.next()).value).toBe(1);
    queue.push(2);
    queue.end();
    expect(await all(events)).toEqual([2]);
  });

  test('that has ended ends at once', async () => {
    const queue = new EventQueue<number>();
    queue.end();
    expect(await all(queue.iterate())).toEqual([]);
  });

  test('has one reader', () => {
    const queue = new EventQueue<number>();
    queue.iterate();
    expect(() => queue.iterate()).toThrow('a run has one iterator; share its events from there');
  });
});
