/** @file Workers on other machines, over a NATS server. Its worker half is src/worker/entries/nats. The state is published once per step and kept for those who join later; tasks
 *  go through a work queue that gives them to another worker when one falls silent; an answer is confirmed, then its task is done. All that is kept on the server can be
 *  made again, so a server may be restarted in mid-run. docs/nats.md has the whole protocol. */
import { hostname } from 'node:os';
import type { Msg } from '@nats-io/transport-node';
import type { Config, Job } from '../../../shared/config/index.ts';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { describeJob } from '../../../shared/job/index.ts';
import { encodeTask, type Task } from '../../../shared/messages/index.ts';
import {
  decodeNote,
  encodeNote,
  type Link,
  linkTo,
  type Names,
  namesOf,
  putObject,
} from '../../../shared/nats/index.ts';
import { closedTransport, type Transport, type WorkerEvent } from '../../transport.ts';
import { type Call, Calls } from './calls.ts';
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
  readonly signal?: AbortSignal | undefined;
  /** After so long without a sign of life a task goes to another worker. */
  readonly ackWaitMs?: number;
}

const [beatMs, usualAckWaitMs] = [1000, 5000];

/** Opens the transport: connects, claims the run, and lets workers join.
 *  @throws DistillError 'usage' for wrong credentials or a run that another coordinator leads, 'unreachable' without a server. */
export async function nats(options: NatsOptions): Promise<Transport> {
  const { job, run, signal, ackWaitMs = usualAckWaitMs } = options;
  const names = namesOf(run);
  const settings = { ...job.config, runName: run };
  const link = await linkTo(settings, { name: `distill-cluster coordinator ${run}`, signal });
  try {
    await makeStreams(link, names, ackWaitMs);
    const claim = await claimRun(link, names, run);
    return new Coordinating(options, ackWaitMs, link, names, claim);
  } catch (error) {
    await link.close();
    if (error instanceof DistillError) throw error;
    throw noStreams(job.config, error);
  }
}

const noStreams = ({ natsUrl }: Config, cause: unknown): DistillError =>
  new DistillError(
    'usage',
    natsUrl.replace(/\/\/[^@/,]*@/g, '//…@'),
    {
      expected: 'a server with JetStream, and the right to use the run’s streams',
      found: messageOf(cause),
      fix: 'start it with -js; docs/nats.md lists the rights',
    },
    { cause },
  );

class Coordinating implements Transport {
  readonly name = 'nats';
  private readonly calls: Calls;
  private readonly roster: Roster;
  private readonly states: StateKeeper;
  private readonly description: ReturnType<typeof describeJob>;
  private readonly uploads = new Map<string, Promise<void>>();
  private readonly dropped = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private listeners: ((event: WorkerEvent) => void)[] = [];
  private untold: WorkerEvent[] = [];
  private failure: DistillError | undefined;
  private mending: Promise<void> | undefined;

  constructor(
    private readonly options: NatsOptions,
    private readonly ackWaitMs: number,
    private readonly link: Link,
    private readonly names: Names,
    private readonly claim: Claim,
  ) {
    const { job, program, cpu, signal } = options;
    const tell = (event: WorkerEvent): void => this.tell(event);
    this.description = describeJob(job);
    this.calls = new Calls(options.check, job.config.seed);
    this.roster = new Roster({ tell, program, cpu, mixedCpus: job.config.mixedCpus });
    this.states = new StateKeeper(link, names, claim.epoch);
    this.listen();
    link.watch({
      tell: message => tell({ kind: 'server', message }),
      back: () => this.mend(),
      gone: error => this.fail(error),
    });
    this.timer = setInterval(() => this.beat(), beatMs);
    this.beat();
    signal?.addEventListener('abort', this.unlessHelped);
    tell({
      kind: 'server',
      message: `run ${options.run} waits for workers: distill-cluster worker --nats-url … --run-name ${options.run}`,
    });
  }

  get workers(): number {
    return Math.max(1, this.roster.threads);
  }

  async broadcast(step: number, state: Uint8Array): Promise<void> {
    await this.roster.atLeast(this.options.workers);
    if (this.failure) throw this.failure;
    await this.states.publish(step, state, () => this.mend());
  }

  async run(task: Task): Promise<Uint8Array> {
    if (this.failure) throw this.failure;
    const { call, answer } = this.calls.ask(task, this.states.version);
    this.ask(call);
    return answer;
  }

  onWorker(listener: (event: WorkerEvent) => void): void {
    this.listeners.push(listener);
    for (const event of this.untold.splice(0)) listener(event);
  }

  /** Tasks in flight are left: whoever computes one is on another machine, and harms nothing. */
  async close(): Promise<void> {
    if (this.link.closed) return;
    clearInterval(this.timer);
    this.options.signal?.removeEventListener('abort', this.unlessHelped);
    const lost = this.failure !== undefined;
    this.fail(closedTransport('nats'));
    this.link.connection.publish(this.names.beat, encodeNote({ type: 'end', epoch: this.claim.epoch }));
    if (!lost) await dropStreams(this.link, this.names);
    await this.link.close();
  }

  private ask({ number: call, task, version }: Call): void {
    const { epoch } = this.claim;
    const note = encodeNote({ type: 'task', epoch, version, call, task: encodeTask(task) });
    this.link.messages.publish(this.names.task, note, { msgID: `${epoch}.${call}` }).catch(() => this.mend());
  }

  /** Answers those who ask, takes what is sent; what is none of ours is dropped. */
  private listen(): void {
    const { claim, names, description } = this;
    const leader = { type: 'leader', epoch: claim.epoch, host: hostname(), pid: process.pid } as const;
    this.on(names.lead, message => void message.respond(encodeNote(leader)));
    this.on(names.join, message => {
      const refusal = this.roster.refusal(decodeNote(message.data, 'join'));
      message.respond(
        encodeNote(
          refusal === undefined
            ? { type: 'welcome', epoch: claim.epoch, job: description.frame }
            : { type: 'refused', reason: refusal.slice(0, 400) },
        ),
      );
    });
    this.on(names.pulse, message => {
      const note = decodeNote(message.data, 'pulse', 'leave');
      if (note.epoch !== claim.epoch) return;
      if (note.type === 'pulse') this.roster.pulse(note);
      else this.roster.leave(note.worker);
    });
    this.on(names.want, message => {
      const { sha256 } = decodeNote(message.data, 'want');
      const upload = this.upload(sha256);
      upload.then(
        () => message.respond(encodeNote({ type: 'have' })),
        () => this.uploads.delete(sha256),
      );
    });
    this.on(names.result, message => {
      const note = decodeNote(message.data, 'result', 'lost');
      if (note.epoch === claim.epoch) {
        if (note.type === 'result') this.calls.take(note);
        else this.calls.lost(note);
      }
      message.respond(encodeNote({ type: 'taken' }));
    });
  }

  private on(subject: string, take: (message: Msg) => void): void {
    this.link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return this.drop(subject, messageOf(error));
        try {
          take(message);
        } catch (cause) {
          this.drop(subject, messageOf(cause));
        }
      },
    });
  }

  /** A message that is none of ours: counted, told once per subject. */
  private drop(subject: string, reason: string): void {
    const count = (this.dropped.get(subject) ?? 0) + 1;
    this.dropped.set(subject, count);
    if (count === 1)
      this.tell({
        kind: 'dropped',
        message: `a message on ${subject} is dropped: ${reason}; more of them are only counted`,
      });
  }

  private upload(sha256: string): Promise<void> {
    const blob = this.description.blobs.find(b => b.sha256 === sha256);
    if (blob === undefined) return Promise.reject(new RangeError('no such bytes'));
    const upload = this.uploads.get(sha256) ?? putObject(this.link, this.names.bucket, sha256, blob.bytes);
    this.uploads.set(sha256, upload);
    return upload;
  }

  private beat(): void {
    const { epoch } = this.claim;
    this.link.connection.publish(
      this.names.beat,
      encodeNote({ type: 'beat', epoch, program: this.options.program }),
    );
    this.roster.sweep();
    this.unlessHelped();
  }

  /** A run that is to end waits for the step in hand, but not for workers that are not there. */
  private readonly unlessHelped = (): void => {
    if (this.options.signal?.aborted && this.roster.threads === 0) this.fail(closedTransport('nats'));
  };

  /** Makes again what the server may have lost, and asks again what is not answered. One at a time; whatever fails is tried again when the server is back. */
  private mend(): void {
    this.mending ??= this.mended().finally(() => {
      this.mending = undefined;
    });
  }

  private async mended(): Promise<void> {
    try {
      await makeStreams(this.link, this.names, this.ackWaitMs);
      await this.claim.renew();
      this.uploads.clear();
      await this.states.again();
      for (const call of this.calls.underWay) this.ask(call);
    } catch (error) {
      if (error instanceof DistillError) return this.fail(error);
      if (this.failure === undefined && !this.link.closed) setTimeout(() => this.mend(), beatMs).unref();
    }
  }

  private fail(error: DistillError): void {
    this.failure ??= error;
    this.calls.fail(this.failure);
  }

  private tell(event: WorkerEvent): void {
    if (this.listeners.length === 0) this.untold.push(event);
    for (const listener of this.listeners) listener(event);
  }
}
