/** @file The thread of a distiller (src/distiller/spawn.ts is its host half). In: calls through comlink. Out: outcomes as data, news in batches. It runs the library's own
 *  functions and knows nothing of its own about distillation. */
import { parentPort, workerData } from 'node:worker_threads';
import { expose, type Remote, releaseProxy, transfer } from 'comlink';
import { distill } from '../distill.ts';
import { evaluate } from '../evaluate.ts';
import type { Result } from '../result.ts';
import type { SessionOptions } from '../session.ts';
import { standUnder } from '../shared/exitGuard.ts';
import { threadEndpoint } from './endpoint.ts';
import {
  type DistillerCalls,
  type DistillerData,
  type News,
  type Outcome,
  outcomeOf,
  type Tell,
  type To,
} from './messages.ts';
import { Outbox } from './outbox.ts';

standUnder([(workerData as DistillerData).guard]);

/** Of the calls in hand, by number. */
const controllers = new Map<number, AbortController>();

const calls: DistillerCalls = {
  distill: async (options, { checkpoints, resume }, ...to) => {
    const kept = {
      ...(checkpoints !== undefined && { checkpoints }),
      ...(resume !== undefined && { resume }),
    };
    const outcome = await answered(to, async (session, outbox) => {
      const run = distill(options, { ...session, ...kept });
      if (to[1].includes('onEvent')) for await (const value of run) outbox.put({ to: 'onEvent', value });
      return run.result;
    });
    return transfer(outcome, 'value' in outcome ? buffersOf(outcome.value) : []);
  },
  evaluate: (set, options, ...to) => answered(to, session => evaluate(set, options, session)),
  abort: call => controllers.get(call)?.abort(),
};

/** The outcome of one call, after all that it had to tell was heard. */
async function answered<T>(
  [call, listened, tell]: To,
  work: (session: SessionOptions, outbox: Outbox<News>) => Promise<T>,
): Promise<Outcome<T>> {
  const host = tell as unknown as Remote<Tell>; // as comlink makes it on this side
  const controller = new AbortController();
  controllers.set(call, controller);
  const outbox = new Outbox<News>(async news => host(news));
  const { signal } = controller;
  const session: SessionOptions = {
    signal,
    ...(listened.includes('onDownload') && { onDownload: value => outbox.put({ to: 'onDownload', value }) }),
    ...(listened.includes('onNotice') && { onNotice: value => outbox.put({ to: 'onNotice', value }) }),
  };
  const outcome = await outcomeOf(() => work(session, outbox), signal);
  controllers.delete(call);
  await outbox.empty();
  host[releaseProxy]();
  return outcome;
}

/** The memory of a result's arrays, which moves to the host; a part of some larger memory is copied instead. */
function buffersOf({ set }: Result): ArrayBuffer[] {
  const arrays = [set.images, set.labels, set.eta, set.decay].filter(array => array !== undefined);
  const whole = arrays.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
  return [...new Set(whole.map(({ buffer }) => buffer))].filter(buffer => buffer instanceof ArrayBuffer);
}

expose(calls, threadEndpoint(parentPort!));
