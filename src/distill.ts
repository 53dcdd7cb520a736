/** @file The library's main function: distils a data set into a few images. Composes data, plan, transport and run; owns the end of a run. */
import { availableParallelism } from 'node:os';
import type { RunEvent } from './coordinator/events.ts';
import { type Outcome, run } from './coordinator/run.ts';
import type { Transport } from './coordinator/transport.ts';
import { EventQueue } from './eventQueue.ts';
import { type Config, type Job, type Options, type Plan, planOf, resolveConfig } from './shared/config/index.ts';
import { loadDataSet, type Progress } from './shared/data/index.ts';
import { type Result, resultOf } from './result.ts';
import { openTransport } from './transport.ts';

export interface DistillOptions {
  /** Ends the run after the step in hand; its result then holds what was distilled so far, without an accuracy. */
  readonly signal?: AbortSignal;
  /** Called while a data file is being downloaded. */
  readonly onDownload?: (progress: Progress) => void;
}

/** A run under way: iterate it for its events, or just await `result`. */
export interface Run extends AsyncIterable<RunEvent> {
  /** Rejects with a DistillError: bad options or data, a non-finite gradient, a task that lost three workers. */
  readonly result: Promise<Result>;
}

/** Distils a data set (Markov 2020, eq. 1–3): finds images x̃, labels ỹ and step sizes η̃ such that fresh networks, after N gradient steps on them, classify real images.
 *
 *  @param options  as in docs/options.md; anything left out has its default. Checked here, so a wrong one throws at once: DistillError 'usage'.
 *  @returns        an async-iterable run of typed events with a `result` promise. The run goes on whether or not it is iterated; events are
 *                  kept for one iterator, which should begin in the same tick.
 *  @example
 *  const run = distill({ models: 'logreg:2', steps: 500 });
 *  for await (const event of run) if (event.type === 'step') console.log(event.step, event.loss);
 *  const { set, accuracy } = await run.result; */
export function distill(options: Options = {}, { signal, onDownload }: DistillOptions = {}): Run {
  const config = resolveConfig(options);
  const events = new EventQueue<RunEvent>();
  const result = distilled(config, events, signal, onDownload);
  result.then(
    () => events.end(),
    () => events.end(),
  );
  return { result, [Symbol.asyncIterator]: () => events.iterate() };
}

async function distilled(
  config: Config,
  events: EventQueue<RunEvent>,
  signal: AbortSignal | undefined,
  onDownload: DistillOptions['onDownload'],
): Promise<Result> {
  const { dataset: name, dataDir } = config;
  const data = await loadDataSet({ name, ...(dataDir && { dataDir }), ...(signal && { signal }), ...(onDownload && { onProgress: onDownload }) });
  const job: Job = { config, data };
  const plan = planOf(job);
  const workers = config.transport === 'inline' ? 1 : (config.workers ?? availableParallelism());
  const transport = await openTransport(job, plan, workers);
  transport.onWorker(({ message }) => events.push({ type: 'notice', message }));
  if (workers > plan.members.length)
    events.push({ type: 'notice', message: `${workers} workers for ${plan.members.length} members: ${workers - plan.members.length} stay idle until evaluation` });
  try {
    return resultOf(job, plan, workers, await driven(job, plan, transport, events, signal));
  } finally {
    await transport.close(); // every end of a run drains first
  }
}

async function driven(job: Job, plan: Plan, transport: Transport, events: EventQueue<RunEvent>, signal?: AbortSignal): Promise<Outcome> {
  const steps = run(job, plan, transport, signal);
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    events.push(next.value);
  }
}
