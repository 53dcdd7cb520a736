import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, chosen, withCandidate } from '../../src/coordinator/candidates.ts';
import { type AccuracyOver, confusions, shareRight, summary } from '../../src/coordinator/judge.ts';
import { initialState, type State } from '../../src/coordinator/state.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { confusionOf, fakeTransport, plainAnswers } from './fakes.ts';

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

describe('candidates that can no longer be chosen are let go', () => {
  const candidate = (mean: number, i: number) => ({ state: { ...state, step: i + 1 }, accuracy: over(mean) });
  /** Few values, so that equal ones and near ones come up; and any. */
  const accuracy = fc.oneof(
    fc.integer({ min: 0, max: 12 }).map(right => right / 12),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );

  test('at each moment the same one is chosen as of all; what is left falls in accuracy and ends with the latest', () =>
    fc.assert(
      fc.property(
        fc.array(accuracy, { minLength: 1 }),
        fc.integer({ min: 1, max: 10_000 }),
        (means, images) => {
          let kept: readonly Candidate[] = [];
          const all: Candidate[] = [];
          means.forEach((mean, i) => {
            const next = candidate(mean, i);
            all.push(next);
            kept = withCandidate(kept, next);
            expect(chosen(kept, images)).toBe(chosen(all, images));
            expect(kept.at(-1)).toBe(next);
            for (const [j, { accuracy }] of kept.slice(1).entries())
              expect(accuracy.mean).toBeLessThan(kept[j]!.accuracy.mean);
          });
        },
      ),
      { numRuns: 500 },
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

describe('the share that is right', () => {
  test('is of all images, on the diagonal', () => {
    expect(shareRight(Uint32Array.of(3, 1, 0, 0, 2, 2, 1, 0, 1), [0, 1, 2])).toBe(0.6);
  });

  test('with an attack: images of the class attacked are right where they are taken for the other', () => {
    expect(shareRight(Uint32Array.of(3, 1, 0, 0, 2, 2, 1, 0, 1), [1, 1, 2])).toBe(0.4);
  });
});

describe('confusions', () => {
  const two = planOf(smallJob({ models: 'logreg:3,conv:1' }));
  const ten = { step: 0, part: 'test', nets: 10, recipe: 'schedule' } as const;

  test('asks for each network once, architectures taking turns, and gives their answers in order', async () => {
    const transport = fakeTransport(
      plainAnswers(two, ({ net, model }) => 20 * net + 10 * model),
      2,
    );
    const question = { step: 3, part: 'validation', nets: 5, recipe: 'schedule' } as const;
    const matrices = await confusions(transport, two, question);
    expect([...transport.log].sort()).toEqual([
      'validation 0 0',
      'validation 0 1',
      'validation 0 2',
      'validation 1 0',
      'validation 1 1',
    ]);
    expect(matrices).toEqual([0, 10, 20, 30, 40].map(correct => confusionOf(two, correct)));
    expect(matrices!.map(confusion => shareRight(confusion, two.targets))).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
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
    await confusions(transport, plan, ten);
    expect(most).toBe(3);
  });

  test('asks for nothing more once aborted, and gives nothing', async () => {
    const abort = new AbortController();
    const answer = plainAnswers(plan);
    const transport = fakeTransport(task => {
      if (task.kind === 'accuracy' && task.net === 2) abort.abort();
      return answer(task);
    });
    expect(await confusions(transport, plan, ten, abort.signal)).toBeUndefined();
    expect(transport.log).toEqual(['test 0 0', 'test 0 1', 'test 0 2']);
  });
});
