import { describe, expect, test } from 'vitest';
import { inline } from '../../../src/coordinator/transports/inline.ts';
import { DistillError } from '../../../src/shared/errors.ts';
import type { Task } from '../../../src/shared/messages/index.ts';

const task = (member: number): Task => ({ kind: 'gradient', step: 0, member, count: 1 });
const memberOf = (t: Task): number => (t.kind === 'gradient' ? t.member : -1);

/** A handler that takes turns of the event loop, fewer for later members, and writes down when it begins and ends. */
function slow(log: string[], fail?: number) {
  return async (t: Task, state: Uint8Array): Promise<Uint8Array> => {
    const member = memberOf(t);
    log.push(`begin ${member}`);
    for (let i = 0; i < 5 - member; i++) await new Promise(resolve => setImmediate(resolve));
    log.push(`end ${member}`);
    if (member === fail) throw new Error(`failed ${member}`);
    return Uint8Array.of(member, ...state);
  };
}

describe('inline', () => {
  test('runs tasks one after the other, in the order asked, on the state broadcast last', async () => {
    const log: string[] = [];
    const transport = inline(slow(log));
    await transport.broadcast(0, Uint8Array.of(7));
    await transport.broadcast(1, Uint8Array.of(8));
    const answers = await Promise.all([0, 1, 2].map(member => transport.run(task(member))));
    expect(answers).toEqual([0, 1, 2].map(member => Uint8Array.of(member, 8)));
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
    expect([transport.name, transport.workers]).toEqual(['inline', 1]);
  });

  test('a task that throws fails alone', async () => {
    const transport = inline(slow([], 1));
    const [first, second, third] = await Promise.allSettled(
      [0, 1, 2].map(member => transport.run(task(member))),
    );
    expect([first!.status, second!.status, third!.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((second as PromiseRejectedResult).reason).toEqual(new Error('failed 1'));
  });

  test('close waits for the tasks in flight, also failing ones; then nothing is taken', async () => {
    const log: string[] = [];
    const transport = inline(slow(log, 1));
    const running = Promise.allSettled([transport.run(task(0)), transport.run(task(1))]);
    await transport.close();
    expect(log.at(-1)).toBe('end 1');
    await running;
    const error = await transport.run(task(2)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DistillError);
    expect((error as DistillError).message).toBe(
      'inline: expected an open transport, found a closed one; start a new run',
    );
    expect((error as DistillError).code).toBe('closed');
    await transport.close(); // again is no error
  });
});
