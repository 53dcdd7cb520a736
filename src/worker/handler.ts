/** @file The worker: answers tasks, one after the other, on whatever thread or process it lives. In: job, tasks, the broadcast state as bytes. Out: answers as bytes.
 *  Knows engines and the shared method; no transport, no coordinator, no other worker. */
import { type Job, planOf } from '../shared/config/index.ts';
import { DistillError } from '../shared/errors.ts';
import { type Gate, gateOf } from '../shared/exitGuard.ts';
import { type DistilledState, decodeState, encodeAnswer, type Task } from '../shared/messages/index.ts';
import { Accuracies } from './accuracy.ts';
import { loadEngine } from './engines/index.ts';
import { Gradients } from './gradient.ts';
import { guarded } from './guarded.ts';
import { startOfPretrained } from './start.ts';
import { Training } from './training.ts';

/** Answers a task, given the bytes of the state that was broadcast for its step. Failures that the task itself explains are answers too; anything else is thrown. */
export type Handler = (task: Task, state: Uint8Array) => Promise<Uint8Array>;

/** A worker for one run. Compiles nothing before the first task needs it. Where an exit would tear down its thread, the runtime is entered by `gate` only. */
export async function createHandler(job: Job, gate: Gate = gateOf([])): Promise<Handler> {
  const plan = planOf(job);
  const { engine: name, tfjsBackend } = job.config;
  const engine = guarded(await gate(() => loadEngine(name, tfjsBackend)), gate);
  const gradients = new Gradients(job, plan, engine);
  const training = new Training(job, plan, engine);
  const accuracies = new Accuracies(job, plan, training, engine);
  let known: { bytes: Uint8Array; state: DistilledState } | undefined;

  return async (task, bytes) => {
    try {
      if (task.kind === 'pretrain') {
        const name = plan.names[task.model]!;
        const pupil = { name, number: task.net, ...startOfPretrained(job, plan, name, task.net) };
        return encodeAnswer({ trained: await training.pretrained(pupil, task.epochs) });
      }
      if (known?.bytes !== bytes) known = { bytes, state: decodeState(bytes, plan.sizes) };
      if (task.kind === 'gradient') {
        const answer = encodeAnswer({ gradients: await gradients.gradients(task, known.state) });
        setImmediate(() => gradients.prepare(task.step + 1)); // when the answer is on its way
        return answer;
      }
      return encodeAnswer({ accuracy: await accuracies.accuracy(task, known.state) });
    } catch (error) {
      if (error instanceof DistillError) return encodeAnswer({ error: error.toData() });
      throw error;
    }
  };
}
