/** @file A coordinator's counterpart without workers: answers are made up, and everything that is asked is written down. */
import type { Transport } from '../../src/coordinator/transport.ts';
import type { Plan } from '../../src/shared/config/index.ts';
import {
  encodeAnswer,
  type Gradient,
  type GradientTask,
  type Task,
} from '../../src/shared/messages/index.ts';

export interface FakeTransport extends Transport {
  /** What happened, in order: `broadcast 0`, `gradient 0 1 2` (step, member, count), `test 0 2` (model, net), `pretrain 0 2`. */
  readonly log: string[];
  /** The bytes of each broadcast. */
  readonly states: Uint8Array[];
}

type Answer = (task: Task) => Uint8Array | Promise<Uint8Array>;

export function fakeTransport(answer: Answer, workers = 1): FakeTransport {
  const log: string[] = [];
  const states: Uint8Array[] = [];
  return {
    name: 'inline',
    workers,
    log,
    states,
    broadcast: async (step, bytes) => {
      log.push(`broadcast ${step}`);
      states.push(bytes);
    },
    run: async task => {
      log.push(lineOf(task));
      return answer(task);
    },
    onWorker: () => undefined,
    close: async () => void log.push('close'),
  };
}

const lineOf = (task: Task): string =>
  task.kind === 'gradient'
    ? `gradient ${task.step} ${task.member} ${task.count}`
    : `${task.kind === 'accuracy' ? task.part : task.kind} ${task.model} ${task.net}`;

/** A gradient of the plan's sizes; every element is `value`, as is the loss. */
export const constantGradient = (
  { sizes }: Plan,
  value: number,
  change: Partial<Gradient> = {},
): Gradient => ({
  loss: value,
  images: new Float32Array(sizes.images).fill(value),
  labels: new Float32Array(sizes.labels).fill(value),
  eta: new Float32Array(sizes.eta).fill(value),
  decay: new Float32Array(sizes.decay).fill(value),
  ...change,
});

type Question = Extract<Task, { kind: 'accuracy' }>;

/** The answer of a worker that computes each member's gradient by `gradientOf`. */
export const gradientsOf = (
  { step, member, count }: GradientTask,
  gradientOf: (step: number, member: number) => Gradient,
): Uint8Array =>
  encodeAnswer({ gradients: Array.from({ length: count }, (_, i) => gradientOf(step, member + i)) });

/** A gradient that differs by step and member. */
export const plainGradient = (plan: Plan, step: number, member: number): Gradient =>
  constantGradient(plan, 0.1 + step + member / 3);

/** Answers that differ by step and member; `correct` of 100 images are right. */
export function plainAnswers(plan: Plan, correct: (task: Question) => number = () => 50): Answer {
  return task => {
    if (task.kind === 'gradient')
      return gradientsOf(task, (step, member) => plainGradient(plan, step, member));
    if (task.kind === 'accuracy')
      return encodeAnswer({ accuracy: { confusion: confusionOf(plan, correct(task)) } });
    throw new RangeError(`no answer to ${task.kind}`);
  };
}

/** 100 images of the first class, `correct` of which are taken for what they should be. */
export function confusionOf({ classes, targets }: Plan, correct: number): Uint32Array {
  const confusion = new Uint32Array(classes ** 2);
  confusion[targets[0]!] = correct;
  confusion[(targets[0]! + 1) % classes] = 100 - correct;
  return confusion;
}
