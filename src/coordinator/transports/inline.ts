/** @file The transport without workers: tasks run in place, one after the other. For tests, debugging and one core. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Task } from '../../shared/messages/index.ts';
import { closedTransport, type Transport } from '../transport.ts';

/** Runs tasks with `handler`, which the caller hands in: the coordinator knows no worker. */
export function inline(handler: (task: Task, state: Uint8Array) => Promise<Uint8Array>): Transport {
  let state: Uint8Array = new Uint8Array();
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    name: 'inline',
    workers: 1,
    broadcast: async (_, bytes) => {
      state = bytes;
    },
    run: async task => {
      if (closed) throw closedTransport('inline');
      const answer = last.then(async () => {
        await eventLoopTurn(); // an engine need not wait for anything: signals and streams get their turn between tasks
        return handler(task, state);
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    onWorker: () => undefined,
    close: async () => {
      closed = true;
      await last;
    },
  };
}
