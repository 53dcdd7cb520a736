import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/coordinator/events.ts';
import { type Outcome, run } from '../../src/coordinator/run.ts';
import { type Options, planOf } from '../../src/shared/config/index.ts';
import { decodeState } from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { type FakeTransport, fakeTransport, plainAnswers } from './fakes.ts';

interface Told {
  readonly events: RunEvent[];
  readonly outcome: Outcome;
  readonly transport: FakeTransport;
}

/** A run on made-up answers; `correct` of 100 images are right after `step` steps. */
async function told(options: Options, correct: (step: number) => number, abortAt?: number): Promise<Told> {
  const job = smallJob(options);
  const plan = planOf(job);
  const abort = new AbortController();
  const transport = fakeTransport(plainAnswers(plan, ({ step }) => correct(step)));
  const steps = run(job, plan, transport, abort.signal);
  const events: RunEvent[] = [];
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { events, outcome: value, transport };
    events.push(value);
    if (value.type === 'step' && value.step === abortAt) abort.abort();
  }
}

const brief = (events: readonly RunEvent[]): string[] =>
  events.map(event => ('step' in event ? `${event.type} ${event.step}` : event.type));

describe('a run', () => {
  test('tells each step, validates when due and at the end, then tests the chosen state', async () => {
    const { events, outcome, transport } = await told(
      { steps: 5, validateEvery: 2, validation: 12 },
      () => 75,
    );
    expect(brief(events)).toEqual([
      ...['step 1', 'step 2', 'validation 2', 'step 3', 'step 4', 'validation 4', 'step 5', 'validation 5'],
      'testing',
    ]);
    expect(transport.log.slice(-4)).toEqual(['broadcast 5', 'test 0 0', 'test 0 1', 'test 0 2']);
    expect(outcome).toMatchObject({
      steps: 5,
      interrupted: false,
      verdict: { accuracy: { mean: 0.75, std: 0, nets: 3 } },
    });
    const loss = (0.1 + 4 + (0.1 + 4 + 1 / 3)) / 2;
    expect(outcome.finalLoss).toBeCloseTo(loss, 6);
  });

  test('ends with the candidate that validation chose, and broadcasts that one for the test', async () => {
    const options = { steps: 4, validateEvery: 1, validation: 12 };
    const { events, outcome, transport } = await told(options, step => (step === 2 ? 99 : 1));
    expect(outcome.state.step).toBe(2);
    expect(events.findLast(event => event.type === 'validation')).toMatchObject({ step: 4, chosen: 2 });
    expect(events.at(-1)).toEqual({ type: 'testing', nets: 3, checkpoint: 2 });
    const { sizes } = planOf(smallJob(options));
    expect(decodeState(transport.states.at(-1)!, sizes).images).toEqual(outcome.state.images);
    expect(transport.log.filter(line => line === 'broadcast 2')).toHaveLength(2);
  });

  test('without held-out images takes the last state', async () => {
    const { events, outcome } = await told({ steps: 3, validation: 0 }, () => 50);
    expect(brief(events)).toEqual(['step 1', 'step 2', 'step 3', 'testing']);
    expect(outcome.state.step).toBe(3);
  });

  test('validates about twenty times when not told how often', async () => {
    const { events } = await told({ steps: 100 }, () => 50);
    expect(events.filter(event => event.type === 'validation')).toHaveLength(20);
  });

  test('interrupted, ends after the step in hand with what it has, and asks for no accuracy', async () => {
    const { events, outcome, transport } = await told({ steps: 9, validateEvery: 1 }, () => 50, 3);
    expect(brief(events).at(-1)).toBe('step 3');
    expect(outcome).toMatchObject({ steps: 3, interrupted: true, verdict: undefined });
    expect(outcome.state.step).toBe(3);
    expect(transport.log.filter(line => line.startsWith('test'))).toEqual([]);
  });

  test('a step event holds the clamped η̃ and the norms of the mean gradient', async () => {
    const { events } = await told({ steps: 1, optimizer: 'sgd', lrEta: 1e6, models: 'logreg' }, () => 50);
    const step = events.find(event => event.type === 'step')!;
    expect(step).toMatchObject({ loss: 0.1, eta: new Array(3).fill(Math.fround(1e-5)) });
    expect(step.norms.eta).toBeCloseTo(0.1 * Math.sqrt(3), 6);
    expect(step.norms.images).toBeCloseTo(0.1 * Math.sqrt(3 * 36), 6);
    expect(step.ms).toBeGreaterThan(0);
    expect(step).not.toHaveProperty('decay');
    expect(Object.keys(step.norms)).toEqual(['images', 'labels', 'eta']);
  });

  test('and λ with its norm where it is learned', async () => {
    const { events } = await told({ steps: 2, learnDecay: true, lrDecay: 0.25, optimizer: 'sgd' }, () => 50);
    const [first, second] = events.filter(event => event.type === 'step');
    expect(first!.decay).toEqual([0, 0, 0]); // the made-up gradient is positive, and λ is not below 0
    expect(first!.norms.decay).toBeCloseTo((0.1 + 1 / 6) * Math.sqrt(3), 6);
    expect(second!.decay).toHaveLength(3);
  });
});
