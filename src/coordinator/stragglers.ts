/** @file Stragglers: a task that takes far longer than its peers is asked a second time, elsewhere; the first answer wins and the late one is ignored. In: any transport.
 *  Out: the same with that policy. Answers are equal whoever gives them, so no result depends on it. Source: Dean & Barroso 2013, hedged requests. */
import { type Task, taskName } from '../shared/messages/index.ts';
import type { Transport, WorkerEvent } from './transport.ts';

export interface HedgeOptions {
  /** Tasks with equal names are peers: they take about as long. */
  readonly peers: (task: Task) => string;
  /** Far longer: this many times what peers take (median), */
  readonly factor?: number;
  /** and at least this long. */
  readonly leastMs?: number;
  readonly now?: () => number;
}

interface UnderWay {
  readonly task: Task;
  readonly began: number;
  readonly again: () => void;
}

/** Peers whose times are remembered, and how many must be known before anything is far longer. */
const [remembered, needed] = [32, 3];

export function hedged(
  inner: Transport,
  { peers, factor = 4, leastMs = 1000, now = () => performance.now() }: HedgeOptions,
): Transport {
  const times = new Map<string, number[]>();
  const underWay = new Set<UnderWay>();
  const late: ((event: WorkerEvent) => void)[] = [];
  let tasks = 0; // asked of `inner`, not answered

  const note = (task: Task, ms: number): void => {
    const known = times.get(peers(task)) ?? [];
    known.push(ms);
    if (known.length > remembered) known.shift();
    times.set(peers(task), known);
  };

  const look = (): void => {
    for (const one of underWay) {
      if (tasks >= inner.workers) return; // nobody is free
      const known = times.get(peers(one.task)) ?? [];
      const [taken, usual] = [now() - one.began, median(known)];
      if (known.length < needed || taken < Math.max(leastMs, factor * usual)) continue;
      underWay.delete(one);
      const message = `${taskName(one.task)} takes ${seconds(taken)} s, its peers ${seconds(usual)} s: started a second time`;
      for (const listener of late) listener({ kind: 'late', message });
      one.again();
    }
  };
  const timer = setInterval(look, leastMs / 4).unref();

  const ask = (task: Task): Promise<Uint8Array> => {
    tasks++;
    return inner.run(task).finally(() => tasks--);
  };

  return {
    name: inner.name,
    get workers() {
      return inner.workers;
    },
    broadcast: (step, state) => inner.broadcast(step, state),
    run: task =>
      new Promise((resolve, reject) => {
        const began = now();
        const one: UnderWay = { task, began, again: () => start() };
        let [open, answered] = [0, false];
        const start = (): void => {
          open++;
          ask(task).then(
            answer => {
              if (!answered) note(task, now() - began); // late ones too: when all have become slow, slow is usual
              answered = true;
              underWay.delete(one);
              resolve(answer);
            },
            error => {
              open--;
              underWay.delete(one);
              if (open === 0) reject(error); // the other one may still answer
            },
          );
        };
        underWay.add(one);
        start();
      }),
    onWorker: listener => {
      late.push(listener);
      inner.onWorker(listener);
    },
    close: () => {
      clearInterval(timer);
      return inner.close();
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
