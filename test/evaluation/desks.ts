/** @file A desk without workers: made-up answers, and for each question what was broadcast before it. */
import type { Desk } from '../../src/evaluation/exam.ts';
import { type Job, type Options, type Plan, planOf } from '../../src/shared/config/index.ts';
import {
  type DistilledState,
  decodeState,
  encodeAnswer,
  type Task,
} from '../../src/shared/messages/index.ts';
import { fakeTransport } from '../coordinator/fakes.ts';
import { smallJob } from '../shared/config/jobs.ts';

export type Question = Extract<Task, { kind: 'accuracy' }>;

export interface Asked extends Question {
  readonly state: DistilledState;
}

export interface FakeDesk extends Desk {
  /** All questions in order, each with the state that was broadcast last. */
  readonly asked: readonly Asked[];
}

/** A desk for a small job of three classes, 60 training images of which 12 are held out, and 20 test images. `correct` of 100 images are right. */
export function fakeDesk(
  options: Options,
  correct: (question: Asked) => number = () => 50,
  change: (job: Job) => Job = job => job,
): FakeDesk {
  const job = change(smallJob(options));
  const plan = planOf(job);
  const asked: Asked[] = [];
  const transport = fakeTransport(task => {
    const question = { ...(task as Question), state: decodeState(transport.states.at(-1)!, plan.sizes) };
    asked.push(question);
    return encodeAnswer({ accuracy: { confusion: confusionOf(plan, correct(question)) } });
  });
  return { job, plan, transport, asked };
}

/** 100 images, a hundredth part of a class each: `correct` of each class's are right, the others are taken for the next class. */
export function confusionOf({ classes }: Plan, correct: number): Uint32Array {
  const confusion = new Uint32Array(classes ** 2);
  for (let c = 0; c < classes; c++) {
    confusion[c * classes + c] = correct;
    confusion[c * classes + ((c + 1) % classes)] = 100 - correct;
  }
  return confusion;
}

/** A state that no baseline could be mistaken for: its first pixel is 7. */
export const markedState = ({ sizes }: Plan): DistilledState => ({
  images: new Float32Array(sizes.images).fill(7),
  labels: new Float32Array(sizes.labels).fill(0.25),
  eta: new Float32Array(sizes.eta).fill(0.5),
  decay: new Float32Array(sizes.decay).fill(0.125),
});
