/** @file Worker processes, some at most: whoever needs one waits until one is free. In: how to start one. Out: each to one user at a time, first come first served. One
 *  that ended is replaced when somebody waits for it, so nothing is forked for a run that is at its end. Knows no task. */
import { DistillError, messageOf } from '../../../shared/errors.ts';
import type { WorkerEvent } from '../../transport.ts';
import type { Child } from './child.ts';

export interface PoolOptions {
  readonly start: () => Child;
  readonly most: number;
  /** Started at once. */
  readonly first: number;
  /** Told of those that were lost while nobody used them. */
  readonly tell: (event: WorkerEvent) => void;
}

export interface Pool {
  /** What `work` makes of a process. Rejects when it is lost. @throws DistillError when processes do not come up at all. */
  use<T>(work: (child: Child) => Promise<T>): Promise<T>;
  /** Lets all go. Called when nobody uses one. */
  close(): Promise<void>;
}

interface Waiting {
  readonly take: (child: Child) => void;
  readonly refuse: (error: DistillError) => void;
}

/** As many that end before their first task, with no sign of health between them, end the run: the next ones would end as well. */
const stillbornLimit = 3;

export function processPool({ start, most, first, tell }: PoolOptions): Pool {
  const children = new Map<Child, 'starting' | 'free' | 'used'>();
  const waiting: Waiting[] = [];
  let stillborn = 0;
  let failure: DistillError | undefined;
  let closed = false;

  const begin = (): void => {
    try {
      const child = start();
      children.set(child, 'starting');
      child.ready.then(() => free(child), refused);
      child.ended.then(reason => ended(child, reason));
    } catch (error) {
      refused(error);
      if (!failure) lostAtStart(messageOf(error)); // no memory for another process
    }
  };

  /** Every other process would be refused for the same reason. One that died is told by its end. */
  const refused = (error: unknown): void => {
    if (error instanceof DistillError) fail(error);
  };

  const free = (child: Child): void => {
    if (!children.has(child)) return;
    stillborn = 0;
    children.set(child, 'free');
    serve();
  };

  const serve = (): void => {
    for (const [child, state] of children) {
      if (state !== 'free' || waiting.length === 0) continue;
      children.set(child, 'used');
      waiting.shift()!.take(child);
    }
    const starting = [...children.values()].filter(state => state === 'starting').length;
    const more = Math.min(waiting.length - starting, most - children.size);
    for (let i = 0; i < more && !failure; i++) begin();
  };

  const ended = (child: Child, reason: string): void => {
    const state = children.get(child);
    children.delete(child);
    if (closed || failure) return;
    if (state === 'starting') lostAtStart(reason);
    else if (state === 'free') tellLost(reason, 'between tasks'); // who uses one tells it himself
    serve();
  };

  const lostAtStart = (reason: string): void => {
    if (++stillborn === stillbornLimit) fail(neverReady(reason));
    else tellLost(reason, 'before its first task');
  };

  const tellLost = (reason: string, when: string): void =>
    tell({ kind: 'lost', message: `a worker process was lost (${reason}) ${when}` });

  const fail = (error: DistillError): void => {
    failure ??= error;
    for (const { refuse } of waiting.splice(0)) refuse(failure);
  };

  for (let i = 0; i < Math.min(first, most); i++) begin();
  return {
    use: async work => {
      const child = await new Promise<Child>((take, refuse) => {
        if (failure) return refuse(failure);
        waiting.push({ take, refuse });
        serve();
      });
      const result = await work(child);
      free(child);
      return result;
    },
    close: async () => {
      closed = true;
      await Promise.all([...children.keys()].map(child => child.release()));
    },
  };
}

const neverReady = (reason: string): DistillError =>
  new DistillError('lost-task', 'transport cluster', {
    expected: 'worker processes that start',
    found: `${stillbornLimit} in a row that ended before their first task, the last by: ${reason}`,
    fix: 'try fewer --workers, or --transport threads',
  });
