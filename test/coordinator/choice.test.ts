import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chosen } from '../../src/coordinator/checkpoint.ts';
import { type AccuracyOver, judge, summary } from '../../src/coordinator/judge.ts';
import { initialState, type State } from '../../src/coordinator/state.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { fakeTransport, plainAnswers } from './fakes.ts';

const job = smallJob();
const plan = planOf(job);
const state: State = initialState(job.config, plan);
const over = (mean: number): AccuracyOver => ({ mean, std: 0, nets: 1 });
const stepChosen = (means: readonly number[], images: number): number =>
  chosen(
    means.map((mean, i) => ({ state: { ...state, step: i + 1 }, accuracy: over(mean) })),
    images,
  ).state.step;

describe('the chosen checkpoint is the latest within one standard error of the best', () => {
  test.each<[string, number[], number, number]>([
    ['the best, when it stands out', [0.5, 0.9, 0.6], 10_000, 2],
    ['the last, when it is nearly as good: √(0.9·0.1/10000) = 0.003', [0.5, 0.9, 0.898], 10_000, 3],
    ['not one that is just below', [0.5, 0.9, 0.8969], 10_000, 2],
    ['one just within, on the border side', [0.5, 0.9, 0.8971], 10_000, 3],
    ['few images, large error', [0.9, 0.82], 10, 2],
    ['the only one', [0.1], 100, 1],
    ['the last of equals', [0.7, 0.7, 0.7], 100, 3],
    ['no error at 1', [1, 0.999], 100, 1],
    ['a run that falls apart', [0.8, 0.88, 0.1, 0.1], 5000, 2],
  ])('%s', (_, means, images, step) => {
    expect(stepChosen(means, images)).toBe(step);
  });

  test('is never worse than the best by more than its error, and nothing later is', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), means => {
        const best = Math.max(...means);
        const border = best - Math.sqrt((best * (1 - best)) / 100);
        const at = stepChosen(means, 100) - 1;
        expect(means[at]).toBeGreaterThanOrEqual(border);
        for (const later of means.slice(at + 1)) expect(later).toBeLessThan(border);
      }),
    ));
});

describe('summary', () => {
  test('mean and sample standard deviation', () => {
    const { mean, std, nets } = summary([0.8, 0.9, 1]);
    expect(mean).toBeCloseTo(0.9, 12);
    expect(std).toBeCloseTo(0.1, 12); // divided by n − 1
    expect(nets).toBe(3);
  });

  test('one network has no deviation', () => {
    expect(summary([0.8])).toEqual({ mean: 0.8, std: 0, nets: 1 });
  });
});

describe('judge', () => {
  const two = planOf(smallJob({ models: 'logreg:3,conv:1' }));

  test('asks for each network once, architectures taking turns, and sums up in their order', async () => {
    const transport = fakeTransport(
      plainAnswers(two, net => 10 * net),
      2,
    );
    const accuracy = await judge(transport, two, { step: 3, part: 'validation', nets: 5 });
    expect([...transport.log].sort()).toEqual([
      'validation 0 0',
      'validation 0 2',
      'validation 0 4',
      'validation 1 1',
      'validation 1 3',
    ]);
    expect(accuracy).toEqual(summary([0, 0.1, 0.2, 0.3, 0.4]));
  });

  test('asks for no more at once than there are workers', async () => {
    let [running, most] = [0, 0];
    const answer = plainAnswers(plan);
    const transport = fakeTransport(async task => {
      most = Math.max(most, ++running);
      await new Promise(resolve => setImmediate(resolve));
      running--;
      return answer(task);
    }, 3);
    await judge(transport, plan, { step: 0, part: 'test', nets: 10 });
    expect(most).toBe(3);
  });

  test('asks for nothing more once aborted, and gives nothing', async () => {
    const abort = new AbortController();
    const answer = plainAnswers(plan);
    const transport = fakeTransport(task => {
      if (task.kind === 'accuracy' && task.net === 2) abort.abort();
      return answer(task);
    });
    expect(await judge(transport, plan, { step: 0, part: 'test', nets: 10 }, abort.signal)).toBeUndefined();
    expect(transport.log).toEqual(['test 0 0', 'test 0 1', 'test 0 2']);
  });
});
