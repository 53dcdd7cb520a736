/** @file Whole runs in a thread of their own, so that the event loop of the host stays free. In: the arguments of `distill` and `evaluate`. Out: promises of what they
 *  give. The thread's half is src/distiller/thread.ts. Knows the thread's life and death; nothing of distillation. */
import { Worker } from 'node:worker_threads';
import { proxy, wrap } from 'comlink';
import type { RunEvent } from '../coordinator/events.ts';
import type { AccuracyOver } from '../coordinator/judge.ts';
import type { Result } from '../result.ts';
import type { SessionOptions } from '../session.ts';
import type { DistilledSet } from '../shared/artifacts/index.ts';
import type { Options } from '../shared/config/index.ts';
import { DistillError, messageOf } from '../shared/errors.ts';
import { openGuard } from '../shared/exitGuard.ts';
import { threadEndpoint } from './endpoint.ts';
import { listenersOf, teller } from './listeners.ts';
import {
  type DistillerCalls,
  type DistillerData,
  fromOutcome,
  type Kept,
  type Outcome,
  type To,
} from './messages.ts';

/** As for `distill`, with a listener for the run's events. A listener that throws is told of in a process warning; the run goes on. */
export interface DistillerOptions extends Omit<SessionOptions, 'beforeCheckpoint'> {
  readonly onEvent?: (event: RunEvent) => void;
}

/** A thread that distils. Its calls go on at the same time, each with workers of its own, as those of `distill` do. They reject as `distill` and `evaluate` do (a wrong option
 *  rejects too), and with a DistillError 'closed' after `close` or when the thread has died. */
export interface Distiller extends AsyncDisposable {
  /** As `distill`; the promise is that of the run's `result`. All events have been heard when it settles. */
  distill(options?: Options, session?: DistillerOptions): Promise<Result>;
  /** As `evaluate`. */
  evaluate(set: DistilledSet, options?: Options, session?: SessionOptions): Promise<AccuracyOver>;
  /** Ends what is under way as its signal would, waits for it, and lets the thread go. */
  close(): Promise<void>;
}

/** Starts a thread that distils. It keeps the process alive only while a call is under way; a process that exits meanwhile waits for the gradients in hand and aborts nothing
 *  (docs/decisions/0008).
 *  @example
 *  const distiller = spawnDistiller();
 *  const { set } = await distiller.distill({ models: 'logreg:2' }, { onEvent: event => console.log(event.type) });
 *  console.log(await distiller.evaluate(set));
 *  await distiller.close(); */
export function spawnDistiller(): Distiller {
  const guard = openGuard();
  const workerData = { guard: guard.memory } satisfies DistillerData;
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData,
    // A host that is text (node --input-type=module -e …) would have its thread, which is a file, refused
    ...(process.execArgv.some(flag => flag.startsWith('--input-type')) && { execArgv: [] }),
  });
  const remote = wrap<DistillerCalls>(threadEndpoint(thread));
  const pending = new Map<number, Pending>();
  let calls = 0;
  let death: string | undefined;
  let ended: DistillError | undefined;
  let closing: Promise<void> | undefined;

  thread.unref();
  thread.on('error', error => {
    death = messageOf(error);
  });
  thread.on('exit', code => {
    guard.close();
    ended ??= noDistiller(`one whose thread has died (${death ?? `exit code ${code}`})`);
    for (const { die } of pending.values()) die(ended); // comlink would leave them waiting for ever
  });

  async function call<T>(begin: Begin<T>, { signal, ...listeners }: Watching): Promise<T> {
    if (ended) throw ended;
    signal?.throwIfAborted();
    const number = calls++;
    let reason: unknown;
    const abort = (why: unknown): void => {
      reason ??= why;
      void remote.abort(number);
    };
    const onAbort = (): void => abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (pending.size === 0) thread.ref();
    const over = new Promise<Outcome<T>>((resolve, die) => {
      pending.set(number, { die, abort });
      begin(number, listenersOf(listeners), proxy(teller(listeners))).then(resolve, die);
    });
    try {
      return fromOutcome(await over, reason);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      pending.delete(number);
      if (pending.size === 0) thread.unref();
      settled();
    }
  }

  /** Called whenever a call is over. */
  let settled = (): void => undefined;

  const close = async (): Promise<void> => {
    if (ended) return;
    ended = noDistiller('a closed one');
    for (const { abort } of pending.values()) abort(ended);
    while (pending.size > 0)
      await new Promise<void>(resolve => {
        settled = resolve;
      });
    await thread.terminate(); // it is idle: nothing is aborted
  };
  const closed = (): Promise<void> => {
    closing ??= close();
    return closing;
  };

  return {
    distill: async (options = {}, { checkpoints, resume, ...session } = {}) => {
      const kept: Kept = { checkpoints, resume };
      checkPlain(options, kept);
      return call((...to) => remote.distill(options, kept, ...to), session);
    },
    evaluate: async (set, options = {}, session = {}) => {
      checkPlain(set, options);
      return call((...to) => remote.evaluate(set, options, ...to), session);
    },
    close: closed,
    [Symbol.asyncDispose]: closed,
  };
}

type Watching = Omit<DistillerOptions, keyof Kept>;

type Begin<T> = (...to: To) => Promise<Outcome<T>>;

/** A call under way. */
interface Pending {
  die(error: DistillError): void;
  abort(reason: unknown): void;
}

const noDistiller = (found: string): DistillError =>
  new DistillError('closed', 'distiller', { expected: 'an open distiller', found, fix: 'spawn a new one' });

/** Options are checked in the thread; what cannot even go there is refused here. */
function checkPlain(...values: readonly object[]): void {
  try {
    structuredClone(values);
  } catch (cause) {
    const details = { expected: 'plain data', found: messageOf(cause), fix: 'see docs/options.md' };
    throw new DistillError('usage', 'arguments', details, { cause });
  }
}
