/** @file Questions over NATS: each is answered once, whatever comes twice, late, mixed or in parts; and what is kept for unfinished answers is bounded. */
import { describe, expect, test } from 'vitest';
import { closedTransport } from '../../../src/coordinator/transport.ts';
import { Calls } from '../../../src/coordinator/transports/nats/calls.ts';
import { Parts } from '../../../src/coordinator/transports/nats/parts.ts';
import { DistillError } from '../../../src/shared/errors.ts';
import type { Task } from '../../../src/shared/messages/index.ts';
import type { Note } from '../../../src/shared/nats/index.ts';

const task: Task = { kind: 'gradient', step: 3, member: 1, count: 1 };
const epoch = 'e';
const result = (more: Partial<Note<'result'>>): Note<'result'> => ({
  type: 'result',
  epoch,
  worker: 'a',
  call: 1,
  part: 0,
  parts: 1,
  bytes: Uint8Array.of(1),
  ...more,
});

/** Answers are right when they begin with 1. */
const calls = (): Calls =>
  new Calls(
    (_, answer) => {
      if (answer[0] !== 1)
        throw new DistillError('bad-file', 'answer', { expected: '1', found: '?', fix: '' });
    },
    5,
    1000,
  );

describe('calls', () => {
  test('an answer is taken once; the late one of another worker is ignored', async () => {
    const asked = calls();
    const { call, answer } = asked.ask(task, 2);
    expect(call).toEqual({ number: 1, task, version: 2, returned: 0 });
    asked.take(result({}));
    expect(asked.underWay).toEqual([]);
    asked.take(result({ worker: 'b', bytes: Uint8Array.of(1, 2) }));
    asked.lost({ type: 'lost', epoch, worker: 'b', call: 1, deliveries: 9 });
    expect(await answer).toEqual(Uint8Array.of(1));
    expect(asked.returned({ type: 'returned', epoch, worker: 'b', call: 1 })).toEqual([]);
  });

  test('parts of two workers do not mix, in any order, also when sent again', async () => {
    const asked = calls();
    const { answer } = asked.ask(task, 2);
    const part = (worker: string, index: number, ...bytes: number[]): void =>
      asked.take(result({ worker, part: index, parts: 3, bytes: Uint8Array.from(bytes) }));
    part('a', 2, 3);
    part('b', 0, 9);
    part('a', 0, 1);
    part('b', 1, 9);
    part('a', 0, 1); // again
    asked.take(result({ worker: 'b', part: 0, parts: 2, bytes: Uint8Array.of(9) })); // another number of parts: begins anew
    expect(asked.underWay).toHaveLength(1);
    part('a', 1, 2, 2);
    expect(await answer).toEqual(Buffer.of(1, 2, 2, 3));
  });

  test('a wrong answer is refused and leaves the question open', async () => {
    const asked = calls();
    const { answer } = asked.ask(task, 2);
    expect(() => asked.take(result({ bytes: Uint8Array.of(2) }))).toThrow(DistillError);
    expect(() => asked.take(result({ bytes: new Uint8Array(1001).fill(1) }))).toThrow(/at most 1000 bytes/);
    expect(() => asked.take(result({ part: 3, parts: 3 }))).toThrow(/a part below 3/);
    asked.take(result({ call: 2, bytes: Uint8Array.of(2) })); // nobody asked
    asked.take(result({}));
    expect(await answer).toEqual(Uint8Array.of(1));
  });

  test('lost: only after more deliveries than a task may have; it ends that question alone', async () => {
    const asked = calls();
    const [one, two] = [asked.ask(task, 2), asked.ask(task, 2)];
    asked.lost({ type: 'lost', epoch, worker: 'a', call: 1, deliveries: 3 });
    expect(asked.underWay).toHaveLength(2);
    asked.lost({ type: 'lost', epoch, worker: 'a', call: 1, deliveries: 4 });
    await expect(one.answer).rejects.toMatchObject({
      code: 'lost-task',
      message: expect.stringMatching(/step 3, member 1/),
    });
    asked.take(result({ call: 2 }));
    expect(await two.answer).toEqual(Uint8Array.of(1));
  });

  test('returned: the same question is asked again under another name', () => {
    const asked = calls();
    void asked.ask(task, 2);
    const back = { type: 'returned', epoch, worker: 'a', call: 1 } as const;
    expect(asked.returned(back)).toMatchObject([{ number: 1, returned: 1 }]);
    expect(asked.returned(back)).toMatchObject([{ number: 1, returned: 2 }]);
  });

  test('a failure ends all', async () => {
    const asked = calls();
    const answers = [asked.ask(task, 1).answer, asked.ask(task, 1).answer];
    asked.fail(closedTransport('nats'));
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('parts', () => {
  /** What is kept, from outside: bytes of senders who can still finish. */
  const unfinished = (workers: number, size: number): number => {
    const parts = new Parts(1000);
    const part = (i: number, index: number) =>
      parts.add(result({ worker: `w${i}`, part: index, parts: 2, bytes: new Uint8Array(size) }));
    for (let i = 0; i < workers; i++) part(i, 0);
    return Array.from({ length: workers }, (_, i) => part(workers - 1 - i, 1)).filter(Boolean).length;
  };

  test('of a thousand senders only so many are remembered as hold three answers, the last ones', () => {
    expect(unfinished(3, 400)).toBe(3);
    expect(unfinished(1000, 400)).toBe(5);
    expect(unfinished(1000, 0)).toBeLessThanOrEqual(30); // empty parts are not free
  });

  test('one sender gets no more than one answer', () => {
    const parts = new Parts(1000);
    const add = (part: number): unknown =>
      parts.add(result({ part, parts: 4096, bytes: new Uint8Array(300) }));
    for (const part of [0, 1, 2, 2, 2]) expect(add(part)).toBeUndefined();
    expect(() => add(3)).toThrow(/at most 1000 bytes/);
  });
});
