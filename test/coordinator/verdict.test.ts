import { describe, expect, test } from 'vitest';
import { summary } from '../../src/coordinator/judge.ts';
import { poisoning, verdict } from '../../src/coordinator/verdict.ts';
import { type Job, type Options, type Pool, planOf } from '../../src/shared/config/index.ts';
import { encodeAnswer, type Task } from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { confusionOf, type FakeTransport, fakeTransport } from './fakes.ts';

const shares = (...values: number[]) => summary(values);
const pool = (count: number): Pool => ({ count, weights: new Float32Array(new SharedArrayBuffer(0)) });

/** Answers by which 80 of 100 images of each of two classes are right after the inner steps, and 30 before. */
function answering(job: Job, seen?: (task: Task) => void): FakeTransport {
  const plan = planOf(job);
  return fakeTransport(task => {
    seen?.(task);
    const after = task.kind === 'accuracy' && task.recipe === 'schedule';
    const confusion = confusionOf(plan, after ? 80 : 30);
    confusion.set(after ? [20, 80, 0] : [70, 30, 0], plan.classes);
    return encodeAnswer({ accuracy: { confusion } });
  });
}
const judged = (job: Job, transport = answering(job), signal?: AbortSignal) =>
  verdict(job, planOf(job), transport, 7, signal);

describe('the verdict on a run', () => {
  test('is the accuracy of fresh networks after the inner steps', async () => {
    const job = smallJob();
    const tasks: Task[] = [];
    expect(
      await judged(
        job,
        answering(job, task => tasks.push(task)),
      ),
    ).toEqual({ accuracy: shares(0.8, 0.8, 0.8) });
    expect(tasks).toEqual(
      [0, 1, 2].map(net => ({ kind: 'accuracy', step: 7, part: 'test', model: 0, net, recipe: 'schedule' })),
    );
  });

  test('of networks from a file also says what they were before, each judged once', async () => {
    const job: Job = { ...smallJob({ init: 'pretrained:x', evalNets: 20 }), pools: { logreg: pool(6) } };
    expect(await judged(job)).toEqual({ accuracy: shares(0.8, 0.8), before: shares(0.3, 0.3) });
  });

  test('under attack says what becomes of the class attacked and of the rest', async () => {
    const options: Options = { attackFrom: 'one', attackTo: 'three', evalNets: 1 };
    expect(await judged(smallJob(options))).toEqual({
      accuracy: shares(0.8),
      before: shares(0.3),
      attack: {
        before: { from: shares(0.7), rest: shares(0.3), taken: shares(0.3) },
        after: { from: shares(0.2), rest: shares(0.8), taken: shares(0.8) },
      },
    });
  });

  test.each(['schedule', 'none'] as const)(
    'there is none when it is interrupted at recipe %s',
    async recipe => {
      const job = smallJob({ attackFrom: 'one', attackTo: 'three' });
      const abort = new AbortController();
      const transport = answering(job, task => {
        if (task.kind === 'accuracy' && task.recipe === recipe) abort.abort();
      });
      expect(await judged(job, transport, abort.signal)).toBeUndefined();
      expect(transport.log).toHaveLength(recipe === 'schedule' ? 1 : 4);
    },
  );
});

test('an attack’s figures: the class attacked, all others, and what it is taken for, as shares over networks', () => {
  const one = Uint32Array.of(2, 1, 5, 0, 6, 2, 1, 0, 3);
  const two = Uint32Array.of(0, 0, 4, 1, 1, 1, 1, 1, 1);
  expect(poisoning([one, two], 3, 0, 2)).toEqual({
    from: shares(2 / 8, 0),
    rest: shares(9 / 12, 2 / 6),
    taken: shares(5 / 8, 1),
  });
  expect(poisoning([one], 3, 2, 1)).toEqual({ from: shares(3 / 4), rest: shares(8 / 16), taken: shares(0) });
});
