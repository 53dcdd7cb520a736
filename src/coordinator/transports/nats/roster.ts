/** @file Who works for a run: workers that joined and still give signs of life. In: notes of workers. Out: how many threads there are, and events. Knows no task. */
import type { Note } from '../../../shared/nats/index.ts';
import type { WorkerEvent } from '../../transport.ts';

/** A worker that is silent for so long is gone; it pulses every two seconds. */
const silenceMs = 10_000;

interface Member {
  readonly host: string;
  readonly threads: number;
  readonly seen: number;
}

export interface RosterOptions {
  readonly tell: (event: WorkerEvent) => void;
  /** Our own program and kind of CPU. */
  readonly program: string;
  readonly cpu: string;
  /** Whether workers with another kind of CPU may take part. */
  readonly mixedCpus: boolean;
  readonly now?: () => number;
}

export class Roster {
  private readonly members = new Map<string, Member>();
  private waiting: { readonly threads: number; readonly done: () => void }[] = [];
  private readonly now: () => number;

  constructor(private readonly options: RosterOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** Of all workers together. */
  get threads(): number {
    return [...this.members.values()].reduce((total, { threads }) => total + threads, 0);
  }

  /** Why a worker may not take part, or undefined when it may. */
  refusal({ host, program, cpu }: Note<'join'>): string | undefined {
    const { tell, program: ours, cpu: here, mixedCpus } = this.options;
    const because =
      program !== ours
        ? `it runs ${program}, the coordinator ${ours}: install the same version`
        : cpu !== here && !mixedCpus
          ? `its CPU is of the kind ${cpu}, the coordinator's ${here}: bytes would depend on who computes; --mixed-cpus accepts that`
          : undefined;
    if (because !== undefined)
      tell({ kind: 'refused', message: `a worker on ${host} is refused: ${because}` });
    else if (cpu !== here)
      tell({
        kind: 'joined',
        message: `the worker on ${host} has a CPU of the kind ${cpu}, here it is ${here}: bytes depend on who computes`,
      });
    return because;
  }

  pulse({ worker, host, threads }: Note<'pulse'>): void {
    const known = this.members.has(worker);
    this.members.set(worker, { host, threads, seen: this.now() });
    if (known) return;
    this.say('joined', `a worker joined: ${host}, ${plural(threads)}`);
    const there = this.threads;
    this.waiting = this.waiting.filter(({ threads: wanted, done }) => wanted > there || done());
  }

  leave(worker: string): void {
    const member = this.members.get(worker);
    if (member === undefined) return;
    this.members.delete(worker);
    this.say('left', `a worker left: ${member.host}, ${plural(member.threads)}`);
  }

  /** Looks for workers that gave no sign of life for too long. */
  sweep(): void {
    for (const [worker, { host, threads, seen }] of this.members) {
      if (this.now() - seen < silenceMs) continue;
      this.members.delete(worker);
      this.say('lost', `the worker on ${host}, ${plural(threads)}, is silent: its tasks go to others`);
    }
  }

  /** Resolves when there are at least so many threads. */
  async atLeast(threads: number): Promise<void> {
    if (this.threads < threads)
      await new Promise<void>(done => {
        this.waiting.push({ threads, done });
      });
  }

  private say(kind: WorkerEvent['kind'], message: string): void {
    this.options.tell({ kind, message: `${message}; ${plural(this.threads)} now` });
  }
}

const plural = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
