/** @file Questions under way: each is asked under a number of its own, its answer is taken once, whatever arrives twice, late, or in parts. In: tasks, and results as they
 *  arrive. Out: answers. Knows no server. */
import type { DistillError } from '../../../shared/errors.ts';
import type { Task } from '../../../shared/messages/index.ts';
import type { Note } from '../../../shared/nats/index.ts';
import { attempts, lostTask } from '../../attempts.ts';
import { Parts } from './parts.ts';

export interface Call {
  readonly number: number;
  readonly task: Task;
  /** Of the state that it is about. */
  readonly version: number;
  /** How often it was given back. */
  readonly returned: number;
}

interface Open extends Call {
  returned: number;
  resolve(answer: Uint8Array): void;
  reject(error: DistillError): void;
  readonly parts: Parts;
}

export class Calls {
  private readonly open = new Map<number, Open>();
  private last = 0;

  /** `check` throws a DistillError for an answer that is none to its task; `seed`: of the run; no answer has more than `answerBytes`. */
  constructor(
    private readonly check: (task: Task, answer: Uint8Array) => void,
    private readonly seed: number,
    private readonly answerBytes: number,
  ) {}

  /** All that are not answered. */
  get underWay(): readonly Call[] {
    return [...this.open.values()];
  }

  /** A new question, and the promise of its answer. */
  ask(task: Task, version: number): { call: Call; answer: Promise<Uint8Array> } {
    const call = { number: ++this.last, task, version, returned: 0 };
    const answer = new Promise<Uint8Array>((resolve, reject) => {
      this.open.set(call.number, { ...call, resolve, reject, parts: new Parts(this.answerBytes) });
    });
    return { call, answer };
  }

  /** Takes (part of) an answer; one to a question that is answered already is ignored. @throws DistillError 'bad-file' for an answer that is none. */
  take(note: Note<'result'>): void {
    const call = this.open.get(note.call);
    if (call === undefined) return;
    const whole = call.parts.add(note);
    if (whole === undefined) return;
    this.check(call.task, whole);
    this.open.delete(note.call);
    call.resolve(whole);
  }

  /** A question that no worker survived, or that only came back too often. */
  lost({ call: number, deliveries }: Note<'lost'>): void {
    const call = this.open.get(number);
    if (call === undefined || deliveries <= attempts) return;
    this.open.delete(number);
    call.reject(lostTask(call.task, this.seed, `no answer, ${deliveries - 1} times`));
  }

  /** A question that its worker gives back unanswered: the one to ask again, if it is still open. */
  returned({ call: number }: Note<'returned'>): readonly Call[] {
    const call = this.open.get(number);
    if (call === undefined) return [];
    call.returned++;
    return [call];
  }

  /** Ends all questions with an error. */
  fail(error: DistillError): void {
    for (const call of this.open.values()) call.reject(error);
    this.open.clear();
  }
}
