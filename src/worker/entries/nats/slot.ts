/** @file One thread's worth of tasks: takes one from the queue, has it computed, hands the answer in, takes the next. In: a queue, a state, something that computes. While it
 *  computes, elsewhere, this thread tells the server that the task is in hand: a silent worker's task goes to another one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import { millis, TimeoutError } from '@nats-io/transport-node';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { decodeTask, encodeAnswer, type Task, type TaskRanges } from '../../../shared/messages/index.ts';
import { decodeNote, encodeNote, type Link, type Names, type Note } from '../../../shared/nats/index.ts';
import type { States } from './states.ts';

/** What computes tasks: threads of this machine. */
export interface Executor {
  broadcast(step: number, state: Uint8Array): Promise<void>;
  run(task: Task): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface SlotOptions {
  readonly link: Link;
  readonly names: Names;
  readonly worker: string;
  readonly epoch: string;
  readonly ranges: TaskRanges;
  readonly states: States;
  readonly compute: (task: Task, version: number, step: number, state: Uint8Array) => Promise<Uint8Array>;
  readonly stopped: () => boolean;
  /** A message that is none of ours. */
  readonly drop: (reason: string) => void;
}

/** A pull ends after so long without a task, to see whether the service was stopped. */
const pullMs = 2000;
/** Given out more often, a task is taken for one that kills its workers. */
const deliveriesLimit = 3;
const answerMs = 5000;
/** So often an answer is handed in that nobody confirms. */
const handInLimit = 3;

/** Serves until stopped, and until all answers are handed in. */
export async function slot(options: SlotOptions): Promise<void> {
  const { link, names, stopped } = options;
  let handedIn: Promise<void> = Promise.resolve();
  while (!stopped()) {
    try {
      const consumer = await link.messages.consumers.get(names.tasks, names.consumer);
      const { config } = await consumer.info(true);
      const signMs = millis(config.ack_wait!) / 3;
      while (!stopped()) {
        const message = await consumer.next({ expires: pullMs });
        if (message === null) continue;
        await new Promise<void>(computed => {
          const before = handedIn;
          handedIn = handled(message, { ...options, signMs }, computed).then(() => before);
        });
      }
    } catch {
      if (!stopped()) await sleep(300); // the server is away, or its streams are: the coordinator makes them again
    }
  }
  await handedIn;
}

/** Answers what a message asks. Calls `computed` when the next one may be taken: the answer is then on its way. */
async function handled(
  message: JsMsg,
  options: SlotOptions & { readonly signMs: number },
  computed: () => void,
): Promise<void> {
  const { worker, epoch, drop } = options;
  const signs = setInterval(() => message.working(), options.signMs);
  try {
    const note = decodeNote(message.data, 'task');
    const { call } = note;
    if (note.epoch !== epoch) {
      // of a coordinator that is gone, or of one that leads again: only that one knows
      await handIn(encodeNote({ type: 'returned', epoch: note.epoch, worker, call }), options);
      return message.term();
    }
    const { deliveryCount: deliveries } = message.info;
    if (deliveries > deliveriesLimit) {
      await handIn(encodeNote({ type: 'lost', epoch, worker, call, deliveries }), options);
      return message.term();
    }
    const answer = await answerTo(note, options);
    computed();
    if (answer === 'past') return message.term();
    if (answer !== undefined) await inParts(call, answer, options);
    else await handIn(encodeNote({ type: 'returned', epoch, worker, call }), options);
    message.ack();
  } catch (error) {
    if (!(error instanceof DistillError) || error.code !== 'bad-file') return; // nobody takes the answer: the task goes to another worker
    drop(error.message);
    message.term();
  } finally {
    clearInterval(signs);
    computed();
  }
}

/** 'past' when nobody waits for it any more, undefined when we are to end, and have not begun. */
async function answerTo(
  { version, task }: Note<'task'>,
  { states, ranges, compute, stopped }: SlotOptions,
): Promise<Uint8Array | 'past' | undefined> {
  const decoded = decodeTask(task, ranges);
  let known = await states.of(version);
  while (known === undefined && !stopped()) known = await states.of(version);
  if (known === 'past') return known;
  if (known === undefined || stopped()) return undefined;
  try {
    return await compute(decoded, version, known.step, known.state);
  } catch (error) {
    if (error instanceof DistillError && error.code !== 'closed')
      return encodeAnswer({ error: error.toData() });
    throw error;
  }
}

/** Hands an answer in, in as many messages as it takes; the last one is confirmed. */
async function inParts(call: number, answer: Uint8Array, options: SlotOptions): Promise<void> {
  const { link, names, worker, epoch } = options;
  const parts = Math.max(1, Math.ceil(answer.length / link.messageBytes));
  const note = (part: number): Uint8Array => {
    const bytes = answer.subarray(part * link.messageBytes, (part + 1) * link.messageBytes);
    return encodeNote({ type: 'result', epoch, worker, call, part, parts, bytes });
  };
  for (let part = 0; part < parts - 1; part++) link.connection.publish(names.result, note(part));
  await handIn(note(parts - 1), options);
}

/** Waits for the confirmation. A coordinator that is away may come back: its absence ends the service, not the task. @throws Error when it does not take what it gets. */
async function handIn(note: Uint8Array, { link, names, stopped }: SlotOptions): Promise<void> {
  for (let unanswered = 0; unanswered < handInLimit; ) {
    try {
      const { data } = await link.connection.request(names.result, note, { timeout: answerMs });
      decodeNote(data, 'taken');
      return;
    } catch (error) {
      if (link.closed || stopped()) throw new Error(`not taken: ${messageOf(error)}`, { cause: error });
      if (error instanceof TimeoutError) unanswered++;
      await sleep(200);
    }
  }
  throw new Error('not taken');
}
