/** @file A worker process, once it is up. Its host half is src/coordinator/transports/cluster.ts. Wires calls that come over IPC to the handler and nothing else. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expose } from 'comlink';
import { planOf } from '../../shared/config/index.ts';
import { DistillError } from '../../shared/errors.ts';
import { decodeDescription, jobFrom } from '../../shared/job/description.ts';
import {
  decodeCall,
  decodePreparation,
  decodeTask,
  encodeAnswer,
  type ProcessCalls,
  type TaskRanges,
} from '../../shared/messages/index.ts';
import { ipcEndpoint } from '../../shared/messages/ipc.ts';
import { createHandler, type Handler } from '../handler.ts';

let worker: { readonly handler: Handler; readonly ranges: TaskRanges } | undefined;
let state: Uint8Array = new Uint8Array();

const calls: ProcessCalls = {
  prepare: frame =>
    answered(async () => {
      const { job: description, directory } = decodePreparation(frame);
      const job = await jobFrom(decodeDescription(description), sha256 => readFile(join(directory, sha256)));
      const { steps, members, names } = planOf(job);
      const ranges = { steps, members: members.length, models: names.length };
      worker = { handler: await createHandler(job), ranges };
      return encodeAnswer({ ready: true });
    }),
  answer: frame =>
    answered(async () => {
      const { handler, ranges } = worker!; // the coordinator calls `prepare` first, and waits for it
      const call = decodeCall(frame);
      if (call.state !== undefined) state = call.state;
      return handler(decodeTask(call.task, ranges), state);
    }),
};
expose(calls, ipcEndpoint(process));
process.send!('listening'); // node:cluster drops what comes before anybody listens, so the coordinator waits for this

/** What `work` gives; its DistillError as an answer. */
async function answered(work: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DistillError) return encodeAnswer({ error: error.toData() });
    throw error;
  }
}
