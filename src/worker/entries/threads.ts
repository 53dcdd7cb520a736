/** @file A worker thread. Its host half is src/coordinator/transports/threads.ts. Wires the pool's tasks to the handler and nothing else. */
import { workerData } from 'node:worker_threads';
import type { Job } from '../../shared/config/index.ts';
import { DistillError } from '../../shared/errors.ts';
import { gateOf } from '../../shared/exitGuard.ts';
import { encodeAnswer, reader, type Task } from '../../shared/messages/index.ts';
import { createHandler } from '../handler.ts';

const { job, state, guards } = workerData as {
  job: Job;
  state: SharedArrayBuffer;
  guards: readonly SharedArrayBuffer[];
};
const newestState = reader(state);
const handler = createHandler(job, gateOf(guards));
handler.catch(() => undefined); // whoever asks is told

export default async (task: Task): Promise<Uint8Array> => {
  try {
    return await (await handler)(task, newestState());
  } catch (error) {
    if (error instanceof DistillError) return encodeAnswer({ error: error.toData() }); // the engine does not load
    throw error;
  }
};
