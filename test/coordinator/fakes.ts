/** @file A coordinator's counterpart without workers: answers are made up, and everything that is asked is written down. */
import type { Transport } from '../../src/coordinator/transport.ts';
import type { Plan } from '../../src/shared/config/index.ts';
import { encodeAnswer, type Gradient, type Task } from '../../src/shared/messages/index.ts';

export interface FakeTransport extends Transport {
  /** What happened, in order: `broadcast 0`, `gradient 0 1` (step, member), `test 0 2` (model, net). */
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
      log.push(
        task.kind === 'gradient'
          ? `gradient ${task.step} ${task.member}`
          : `${task.part} ${task.model} ${task.net}`,
      );
      return answer(task);
    },
    onWorker: () => undefined,
    close: async () => void log.push('close'),
  };
}

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
  ...change,
});

/** Answers that differ by step and member; `correct` of 100 images are right. */
export const plainAnswers =
  (plan: Plan, correct: (net: number) => number = () => 50): Answer =>
  task =>
    encodeAnswer(
      task.kind === 'gradient'
        ? { gradient: constantGradient(plan, 0.1 + task.step + task.member / 3) }
        : { accuracy: { correct: correct(task.net), total: 100 } },
    );
