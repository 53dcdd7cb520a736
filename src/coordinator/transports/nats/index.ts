/** @file Workers on other machines, over a NATS server. Its worker half is src/worker/entries/nats. The state is published once per step and kept for those who join later; tasks
 *  go through a work queue that gives them to another worker when one falls silent; an answer is confirmed, then its task is done. All that is kept on the server can be
 *  made again, so a server may be restarted in mid-run. docs/nats.md has the whole protocol. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config, Job } from '../../../shared/config/index.ts';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { describeJob } from '../../../shared/job/index.ts';
import { encodeTask, type Task } from '../../../shared/messages/index.ts';
import {
  decodeNote,
  deniedBy,
  encodeNote,
  type Link,
  linkTo,
  type Names,
  namesOf,
  withoutUser,
} from '../../../shared/nats/index.ts';
import { InFlight } from '../../inFlight.ts';
import { closedTransport, type Transport, type WorkerEvent } from '../../transport.ts';
import { type Call, Calls } from './calls.ts';
import { Desk, News, Uploads } from './desk.ts';
import { Roster } from './roster.ts';
import { StateKeeper } from './state.ts';
import { type Claim, claimRun, dropStreams, makeStreams } from './streams.ts';

export interface NatsOptions {
  readonly job: Job;
  readonly run: string;
  /** Threads to wait for before the first step. */
  readonly workers: number;
  /** Who we are: workers must be of the same program and kind of CPU. */
  readonly program: string;
  readonly cpu: string;
  /** Throws for bytes that are no answer to the task. */
  readonly check: (task: Task, answer: Uint8Array) => void;
  /** An answer is not larger. */
  readonly answerBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** After so long without a sign of life a task goes to another worker. */
  readonly ackWaitMs?: number;
}

const [beatMs, pauseMs, usualAckWaitMs, drainMs] = [1000, 3000, 5000, 30_000];

const drained = (): Promise<void> => sleep(drainMs, undefined, { ref: false });

/** Opens the transport: connects, claims the run, and lets workers join.
 *  @throws DistillError 'usage' for wrong credentials or a run that another coordinator leads, 'unreachable' without a server. */
export async function nats(options: NatsOptions): Promise<Transport> {
  const { job, run, signal, ackWaitMs = usualAckWaitMs } = options;
  const names = namesOf(run);
  const settings = { ...job.config, runName: run };
  const link = await linkTo(settings, {
    name: `distill-cluster coordinator ${run}`,
    side: 'coordinator',
    signal,
  });
  try {
    await makeStreams(link, names, ackWaitMs);
    const claim = await claimRun(link, names, run);
    return new Coordinating(options, ackWaitMs, link, names, claim);
  } catch (error) {
    await link.close();
    if (error instanceof DistillError) throw error;
    throw deniedBy(job.config, error) ?? noStreams(job.config, error);
  }
}

const noStreams = ({ natsUrl }: Config, cause: unknown): DistillError =>
  new DistillError(
    'usage',
    withoutUser(natsUrl),
    {
      expected: 'a server with JetStream that makes the run’s streams',
      found: messageOf(cause),
      fix: 'start it with -js; docs/nats.md has a configuration',
    },
    { cause },
  );

class Coordinating implements Transport {
  readonly name = 'nats';
  private readonly calls: Calls;
  private readonly roster: Roster;
  private readonly states: StateKeeper;
  private readonly timer: NodeJS.Timeout;
  private readonly news = new News();
  private readonly mend: () => void;
  private readonly inFlight = new InFlight('nats');
  private failure: DistillError | undefined;
  private beaten = performance.now();
  /** Rejects when the run cannot go on. */
  private readonly failed: Promise<never>;
  private reject: (error: DistillError) => void = () => undefined;

  constructor(
    private readonly options: NatsOptions,
    ackWaitMs: number,
    private readonly link: Link,
    private readonly names: Names,
    private readonly claim: Claim,
  ) {
    const { job, program, cpu, signal, run } = options;
    this.failed = new Promise((_, reject) => {
      this.reject = reject;
    });
    this.failed.catch(() => undefined);
    this.calls = new Calls(options.check, job.config.seed, options.answerBytes);
    this.roster = new Roster({ tell: this.news.tell, program, cpu, mixedCpus: job.config.mixedCpus });
    this.states = new StateKeeper(link, names, claim.epoch);
    this.mend = oneAtATime(
      () => this.mended(ackWaitMs),
      error => (error instanceof DistillError ? this.fail(error) : this.laterMend()),
    );
    this.listen(new Desk(link, this.news.tell));
    link.watch({
      tell: message => this.news.tell({ kind: 'server', message }),
      back: this.mend,
      gone: error => this.fail(error),
    });
    this.timer = setInterval(() => this.beat(), beatMs);
    this.beat();
    signal?.addEventListener('abort', this.unlessHelped);
    const message = `run ${run} waits for workers: distill-cluster worker --nats-url … --run-name ${run}`;
    this.news.tell({ kind: 'server', message });
  }

  get workers(): number {
    return Math.max(1, this.roster.threads);
  }

  async broadcast(step: number, state: Uint8Array): Promise<void> {
    await Promise.race([this.roster.atLeast(this.options.workers), this.failed]);
    if (this.failure) throw this.failure;
    await this.states.publish(step, state, this.mend);
  }

  async run(task: Task): Promise<Uint8Array> {
    if (this.failure) throw this.failure;
    return this.inFlight.add(() => {
      const { call, answer } = this.calls.ask(task, this.states.version);
      this.ask(call);
      return answer;
    });
  }

  onWorker(listener: (event: WorkerEvent) => void): void {
    this.news.listen(listener);
  }

  /** Tasks in flight are waited for, though not for ever: whoever computes one is on another machine, and harms nothing. */
  async close(): Promise<void> {
    await Promise.race([this.inFlight.close(), this.failed.catch(() => undefined), drained()]);
    clearInterval(this.timer);
    this.options.signal?.removeEventListener('abort', this.unlessHelped);
    this.fail(closedTransport('nats'));
    if (this.link.closed) return;
    this.link.connection.publish(this.names.beat, encodeNote({ type: 'end', epoch: this.claim.epoch }));
    if (this.failure?.code === 'closed') await dropStreams(this.link, this.names);
    await this.link.close();
  }

  /** The number of times that it was given back is part of its name: the server takes each name once. */
  private ask({ number: call, task, version, returned }: Call): void {
    const { epoch } = this.claim;
    const note = encodeNote({ type: 'task', epoch, version, call, task: encodeTask(task) });
    const msgID = `${epoch}.${call}.${returned}`;
    this.link.messages.publish(this.names.task, note, { msgID }).catch(this.mend);
  }

  /** Answers those who ask, takes what is sent. */
  private listen(desk: Desk): void {
    const { claim, names, roster, calls } = this;
    const { epoch } = claim;
    const description = describeJob(this.options.job);
    const uploads = new Uploads(this.link, names.bucket, description.blobs);
    desk.on(names.lead, () => ({ type: 'leader', epoch, host: hostname(), pid: process.pid }));
    desk.on(names.join, frame => {
      const reason = roster.refusal(decodeNote(frame, 'join'))?.slice(0, 400);
      return reason === undefined
        ? { type: 'welcome', epoch, job: description.frame }
        : { type: 'refused', reason };
    });
    desk.on(names.want, async frame => {
      await uploads.upload(decodeNote(frame, 'want').sha256);
      return { type: 'have' };
    });
    desk.on(names.pulse, (frame): undefined => {
      const note = decodeNote(frame, 'pulse', 'leave');
      if (note.epoch !== epoch) return;
      if (note.type === 'pulse') roster.pulse(note);
      else roster.leave(note.worker);
    });
    desk.on(names.result, frame => {
      const note = decodeNote(frame, 'result', 'lost', 'returned');
      if (note.epoch === epoch) {
        if (note.type === 'result') calls.take(note);
        else if (note.type === 'lost') calls.lost(note);
        else for (const call of calls.returned(note)) this.ask(call);
      }
      return { type: 'taken' };
    });
    desk.on(names.beat, (frame): undefined => {
      if (decodeNote(frame, 'beat', 'end').epoch !== epoch) this.mend(); // sees who leads
    });
  }

  private beat(): void {
    const late = performance.now() - this.beaten > pauseMs;
    this.beaten = performance.now();
    if (late) {
      this.mend(); // this process stood still: another one may lead by now
      return;
    }
    const { program } = this.options;
    this.link.connection.publish(
      this.names.beat,
      encodeNote({ type: 'beat', epoch: this.claim.epoch, program }),
    );
    this.roster.sweep();
    this.unlessHelped();
  }

  /** A run that is to end waits for the step in hand, but not for workers that are not there. */
  private readonly unlessHelped = (): void => {
    if (this.options.signal?.aborted && this.roster.threads === 0) this.fail(closedTransport('nats'));
  };

  /** Makes again what the server may have lost, and asks again what is not answered; what the server still has is not taken twice. */
  private async mended(ackWaitMs: number): Promise<void> {
    await makeStreams(this.link, this.names, ackWaitMs);
    await this.claim.renew();
    await this.states.again();
    for (const call of this.calls.underWay) this.ask(call);
  }

  private laterMend(): void {
    if (this.failure === undefined && !this.link.closed) setTimeout(this.mend, beatMs).unref();
  }

  private fail(error: DistillError): void {
    this.failure ??= error;
    this.reject(this.failure);
    this.calls.fail(this.failure);
  }
}

/** Runs `work`, and once more if it was asked for meanwhile. */
function oneAtATime(work: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let [running, again] = [false, false];
  const start = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    await work().catch(failed);
    running = false;
    if (again) {
      again = false;
      void start();
    }
  };
  return () => void start();
}
