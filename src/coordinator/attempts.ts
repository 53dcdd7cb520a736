/** @file What becomes of a task whose worker was lost: it runs again, and when it has lost three it ends the run. The one policy of all transports. */
import { DistillError, messageOf } from '../shared/errors.ts';
import { type Task, taskName } from '../shared/messages/index.ts';
import type { WorkerEvent } from './transport.ts';

/** A task that has lost this many workers is not tried again. */
export const attempts = 3;

/** What a task is tried by. */
export interface Trial {
  readonly task: Task;
  /** Of the run, for the message. */
  readonly seed: number;
  /** Runs it once; rejects when the worker is lost. */
  readonly once: () => Promise<Uint8Array>;
  readonly tell: (event: WorkerEvent) => void;
  /** What is lost: 'a worker thread'. */
  readonly worker: string;
}

/** @returns the answer. @throws DistillError 'lost-task'; a DistillError of `once` as it is. */
export async function untilAnswered({ task, seed, once, tell, worker }: Trial): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (cause) {
      if (cause instanceof DistillError) throw cause;
      const reason = messageOf(cause);
      if (attempt === attempts) throw lostTask(task, seed, reason, cause);
      tell({
        kind: 'lost',
        message: `${worker} was lost (${reason}) at ${taskName(task)}; it is replaced and the task runs again`,
      });
    }
  }
}

/** A task that loses every worker it is given to. */
export function lostTask(task: Task, seed: number, reason: string, cause?: unknown): DistillError {
  const details = {
    expected: 'an answer',
    found: `${attempts} lost workers, the last by: ${reason}`,
    fix: 'see what becomes of it in one process, with --transport inline',
  };
  if (task.kind !== 'gradient') return new DistillError('lost-task', taskName(task), details, { cause });
  const { step, member, count } = task;
  const where = `${taskName(task)}, seed ${seed}`;
  const fix =
    count === 1
      ? 'its worker dies of it'
      : `its worker dies of one of these members: try each, --member ${member} to ${member + count - 1}`;
  return new DistillError('lost-task', where, { ...details, fix, task: { step, member, seed } }, { cause });
}
