/** @file The library's main function: distils a data set into a few images. */

import type { KeptRun } from './checkpoints/index.ts';
import type { RunEvent } from './coordinator/events.ts';
import { type Outcome, run } from './coordinator/run.ts';
import { withEngine } from './engine.ts';
import { EventQueue } from './eventQueue.ts';
import { withCheckpoints } from './keeping.ts';
import { type Result, resultOf } from './result.ts';
import { type Session, type SessionOptions, startOf, withSession } from './session.ts';
import { type Options, resolveConfig } from './shared/config/index.ts';
import { loadJob } from './shared/job/index.ts';

/** A run under way: iterate it for its events, or just await `result`. */
export interface Run extends AsyncIterable<RunEvent> {
  /** Rejects with a DistillError: bad data, a non-finite gradient, a task that lost three workers; with the signal's reason when that aborts before the first step. */
  readonly result: Promise<Result>;
}

/** Distils a data set (Markov 2020, eq. 1–3): finds images x̃, labels ỹ and step sizes η̃ such that fresh networks, after N gradient steps on them, classify real images.
 *
 *  @param options  as in docs/options.md; anything left out has its default
 *  @param session  `signal` ends the run after the step in hand: its result then holds what was distilled so far, without an accuracy; `checkpoints` and `resume` let
 *                  it go on later, to the same bytes
 *  @returns        an async-iterable run of typed events with a `result` promise. It goes on whether or not it is iterated; events are kept for one
 *                  iterator, which should begin in the same tick
 *  @throws         DistillError 'usage' at once when an option is wrong
 *  @example
 *  const run = distill({ models: 'logreg:2', steps: 500 });
 *  for await (const event of run) if (event.type === 'step') console.log(event.step, event.loss);
 *  const { set, summary } = await run.result; */
export function distill(options: Options = {}, session: SessionOptions = {}): Run {
  const config = resolveConfig(options);
  const events = new EventQueue<RunEvent>();
  const distilled = async (): Promise<Result> => {
    const onNotice = (message: string): void => events.push({ type: 'notice', message });
    const job = await loadJob(await withEngine(config, { onNotice, ...session }), { onNotice, ...session });
    return withCheckpoints(job, session, onNotice, kept =>
      withSession(job, session.signal, async opened =>
        resultOf(opened, await driven(opened, events, kept, session.signal)),
      ),
    );
  };
  const result = distilled().finally(() => events.end());
  result.catch(() => undefined); // whoever awaits `result` is told; a run that is only iterated ends
  return { result, [Symbol.asyncIterator]: () => events.iterate() };
}

async function driven(
  session: Session,
  events: EventQueue<RunEvent>,
  kept: KeptRun | undefined,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { job, plan, workers, transport } = session;
  events.push(startOf(session, kept?.from));
  transport.onWorker(({ message }) => events.push({ type: 'notice', message }));
  const idle = workers - plan.members.length;
  if (idle > 0)
    events.push({
      type: 'notice',
      message: `${workers} workers for ${plan.members.length} members: ${idle} stay idle while distilling`,
    });
  const steps = run(job, plan, transport, signal, { from: kept?.from, keep: kept?.keeper.keep });
  try {
    for (;;) {
      const next = await steps.next();
      if (next.done) return next.value;
      events.push(next.value);
    }
  } finally {
    await kept?.keeper.flush(); // before the workers are waited for
  }
}
