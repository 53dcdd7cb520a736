/** @file One run served: joined, its job loaded, its tasks answered until it ends. In: a run and the reign of one coordinator over it (`epoch`). */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { planOf } from '../../../shared/config/index.ts';
import { DistillError } from '../../../shared/errors.ts';
import type { Task } from '../../../shared/messages/index.ts';
import { decodeNote, dropping, encodeNote, type Link, namesOf } from '../../../shared/nats/index.ts';
import type { Reign } from './beats.ts';
import { type Executor, slot } from './slot.ts';
import { States } from './states.ts';
import type { Workplace } from './workplaces.ts';

export interface ServiceOptions extends Reign {
  readonly link: Link;
  /** A name of this worker that no other one has. */
  readonly worker: string;
  readonly program: string;
  readonly cpu: string;
  /** Tasks at the same time. */
  readonly threads: number;
  /** Loads the job of a frame; the same one again when it is loaded already. */
  readonly workplace: (frame: Uint8Array) => Promise<Workplace>;
  /** Whether no further task is to be taken. */
  readonly stopped: () => boolean;
  readonly tell: (message: string) => void;
}

const pulseMs = 2000;

/** Serves until stopped. @returns whether it came to that, and was not stopped while it joined.
 *  @throws DistillError 'usage' when the coordinator refuses us, 'bad-data' when our data are others. */
export async function serve(options: ServiceOptions): Promise<boolean> {
  const { link, run, epoch, worker, threads, workplace, stopped, tell } = options;
  const names = namesOf(run);
  const frame = await joined(options);
  const states = new States(link, names, epoch, dropping(tell, names.state));
  const subscription = link.connection.subscribe(names.state, {
    callback: (error, message) => {
      if (!error) states.take(message.data); // an error is a right that we lack: the link ends of it
    },
  });
  const pulse = encodeNote({ type: 'pulse', epoch, worker, host: hostname(), threads });
  let timer: NodeJS.Timeout | undefined;
  try {
    const { job, executor } = await workplace(frame);
    if (stopped()) return false;
    const { names: architectures, members, steps } = planOf(job);
    const ranges = { steps, members: members.length, models: architectures.length };
    tell(`serving run ${run}: ${job.config.models} on ${job.data.name}, ${threads} at a time`);
    link.connection.publish(names.pulse, pulse);
    timer = setInterval(() => link.connection.publish(names.pulse, pulse), pulseMs);
    const compute = computing(executor);
    const shared = {
      link,
      names,
      worker,
      epoch,
      ranges,
      states,
      compute,
      stopped,
      drop: dropping(tell, names.task),
    };
    await Promise.all(Array.from({ length: threads }, () => slot(shared)));
    return true;
  } finally {
    clearInterval(timer);
    subscription.unsubscribe();
    if (!link.closed) link.connection.publish(names.pulse, encodeNote({ type: 'leave', epoch, worker }));
  }
}

/** Asks to take part. @returns the frame of the job */
async function joined({ link, run, worker, program, cpu, stopped }: ServiceOptions): Promise<Uint8Array> {
  const join = encodeNote({ type: 'join', worker, host: hostname(), pid: process.pid, program, cpu });
  for (;;) {
    try {
      const { data } = await link.connection.request(namesOf(run).join, join, { timeout: 5000 });
      const reply = decodeNote(data, 'welcome', 'refused');
      if (reply.type === 'welcome') return reply.job;
      throw new DistillError('usage', `run ${run}`, {
        expected: 'a run that this worker may serve',
        found: `a refusal: ${reply.reason}`,
        fix: 'mend that, and start the worker again',
      });
    } catch (error) {
      if (error instanceof DistillError || stopped()) throw error;
      await sleep(500);
    }
  }
}

/** Runs tasks on the state that they are about, which is broadcast once. */
function computing(
  executor: Executor,
): (task: Task, version: number, step: number, state: Uint8Array) => Promise<Uint8Array> {
  let current = 0;
  return async (task, version, step, state) => {
    if (version > current) {
      current = version;
      await executor.broadcast(step, state);
    }
    return executor.run(task);
  };
}
