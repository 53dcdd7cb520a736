/** @file What a transport is: it carries tasks to workers and answers back, as bytes, and knows no mathematics. */
import { DistillError } from '../shared/errors.ts';
import type { Task } from '../shared/messages/index.ts';

/** Something that happened to a worker, for people who watch. No result depends on it. `lost`: it died, its task runs again · `late`: a task takes long and was started
 *  a second time · `joined`, `left`: workers that come and go · `refused`: one that may not take part · `dropped`: a message that is none of ours. */
export interface WorkerEvent {
  readonly kind: 'lost' | 'late' | 'joined' | 'left' | 'refused' | 'dropped' | 'server';
  readonly message: string;
}

export interface Transport {
  readonly name: 'inline' | 'threads' | 'cluster' | 'nats';
  /** Workers that can compute at the same time, at this moment. */
  readonly workers: number;
  /** What every task that is run from now on sees, on each worker. Called when no task is in flight. */
  broadcast(step: number, state: Uint8Array): Promise<void>;
  /** Runs `task` at least once, anywhere. A lost worker is no error: its task runs again. The same task asked twice at the same time runs on two workers.
   *  @throws DistillError 'lost-task' when a task has lost its worker three times, 'closed' after close. */
  run(task: Task): Promise<Uint8Array>;
  onWorker(listener: (event: WorkerEvent) => void): void;
  /** Waits for every task in flight, then lets the workers go. Never stops a running one: that would abort the process (docs/decisions/0005). */
  close(): Promise<void>;
}

/** What `run` throws once the transport was closed. */
export const closedTransport = (name: Transport['name']): DistillError =>
  new DistillError('closed', name, {
    expected: 'an open transport',
    found: 'a closed one',
    fix: 'start a new run',
  });
