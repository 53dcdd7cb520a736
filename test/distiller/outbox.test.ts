import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outbox } from '../../src/distiller/outbox.ts';

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test('every value is sent once, in order, one batch at a time, whatever the bursts; failed batches hold nothing up', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 20 }), fc.nat(3), async (bursts, slowness) => {
      const sent: number[] = [];
      let under = 0;
      const outbox = new Outbox<number>(async batch => {
        expect([++under, batch.length > 0]).toEqual([1, true]);
        for (let i = 0; i < slowness; i++) await turn();
        sent.push(...batch);
        under--;
        if (batch.includes(3)) throw new Error('planted');
      });
      let put = 0;
      for (const burst of bursts) {
        for (let i = 0; i < burst; i++) outbox.put(put++);
        if (burst % 2 === 0) await turn();
      }
      await outbox.empty();
      expect(sent).toEqual(Array.from({ length: put }, (_, i) => i));
    }),
    { numRuns: 100 },
  ));

test('what comes while a batch is under way goes with the next one', async () => {
  const batches: (readonly number[])[] = [];
  const outbox = new Outbox<number>(async batch => {
    batches.push(batch);
    await turn();
  });
  for (const value of [1, 2]) outbox.put(value);
  await Promise.resolve();
  await Promise.resolve();
  for (const value of [3, 4, 5]) outbox.put(value);
  await outbox.empty();
  expect(batches).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

test('an empty one has nothing to wait for', () => new Outbox(async () => undefined).empty());
