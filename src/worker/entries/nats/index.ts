/** @file A worker on any machine, over a NATS server. Its host half is src/coordinator/transports/nats. Waits for a run, serves it, waits for the next. In: beats of coordinators.
 *  The connection lives on this thread, the computing on others: an engine does not let its thread go while it computes. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../../shared/config/index.ts';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { absentIn, deniedIn, linkTo, type NatsSettings } from '../../../shared/nats/index.ts';
import { Beats, type Reign } from './beats.ts';
import type { OwnData } from './data.ts';
import { serve } from './service.ts';
import type { Executor } from './slot.ts';
import { Workplaces } from './workplaces.ts';

export interface WorkOptions extends OwnData {
  readonly settings: NatsSettings;
  /** Ends with the first run, instead of waiting for the next. */
  readonly once?: boolean;
  /** Tasks at the same time. */
  readonly threads: number;
  readonly program: string;
  readonly cpu: string;
  /** Starts what computes for a job. */
  readonly executor: (job: Job, threads: number) => Promise<Executor>;
  readonly tell: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const lookMs = 200;

/** Serves runs until `signal` aborts: tasks in hand are then finished first.
 *  @throws DistillError 'usage' for wrong credentials, or when the run that was named refuses us; 'bad-data' when data that were named are others than the run's;
 *          'unreachable' when the server stays away. */
export async function work(options: WorkOptions): Promise<void> {
  const { settings, tell, signal } = options;
  const named = settings.runName;
  const worker = `${hostname().slice(0, 100)}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const link = await linkTo(settings, {
    name: `distill-cluster worker ${worker}`,
    side: 'worker',
    wait: true,
    signal,
  });
  const places = new Workplaces(options, link, worker);
  const beats = new Beats(link, named, tell);
  const over = (): boolean => link.closed || (signal?.aborted ?? false);
  const refused = new Set<string>();
  let gone: DistillError | undefined;
  link.watch({
    tell,
    back: () => undefined,
    gone: error => {
      gone = error;
    },
  });

  /** Whether the run counts as one: not when it ended while we were joining. */
  const served = async (reign: Reign): Promise<boolean> => {
    const stopped = (): boolean => over() || !beats.leads(reign);
    try {
      const came = await serve({
        ...options,
        ...reign,
        link,
        worker,
        stopped,
        workplace: frame => places.of(reign.run, frame),
      });
      tell(`run ${reign.run} is over, or its coordinator is gone`);
      return came;
    } catch (error) {
      if (absentIn(error) || deniedIn(error)) {
        // over, or soon back: its beats say which; for want of a right the link ends, and says so
        if (absentIn(error) && !stopped())
          tell(`run ${reign.run} cannot be joined now (${messageOf(error)}): trying again`);
        await sleep(lookMs);
        return false;
      }
      const refusal = error instanceof DistillError && error.code === 'usage';
      if (!refusal && stopped()) return false; // what a run takes with it when it ends is missing
      if (named !== undefined || !(error instanceof DistillError)) throw error;
      tell(error.message);
      refused.add(reign.epoch);
      return true;
    }
  };

  try {
    tell(`waiting for ${named === undefined ? 'a run' : `run ${named}`}`);
    for (let runs = 0; !over() && !(options.once && runs > 0); ) {
      const reign = beats.any(refused);
      if (reign === undefined) await sleep(lookMs);
      else if (await served(reign)) runs++;
    }
    if (gone !== undefined) throw gone;
  } finally {
    await places.close();
    if (!link.closed) await link.connection.drain();
  }
}
