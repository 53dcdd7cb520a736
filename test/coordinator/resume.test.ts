/** @file A run that ends at any step, or in any validation, and goes on from the file of its snapshot: it comes to the end of the undisturbed run, bit by bit. */
import { describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, originOf } from '../../src/checkpoints/index.ts';
import type { RunEvent } from '../../src/coordinator/events.ts';
import { type Outcome, run } from '../../src/coordinator/run.ts';
import type { Snapshot } from '../../src/coordinator/snapshot.ts';
import type { Transport } from '../../src/coordinator/transport.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import { type Options, planOf } from '../../src/shared/config/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { maker } from '../checkpoints/samples.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { fakeTransport, plainAnswers } from './fakes.ts';

interface Sitting {
  readonly events: object[];
  readonly outcome: Outcome;
  readonly snapshots: Snapshot[];
}

/** Runs from `from`, to the end or until `abort` says so of an event. Times are left out of the events. */
async function sitting(
  options: Options,
  open: () => Promise<Transport>,
  from?: Snapshot,
  abort: (event: RunEvent) => boolean = () => false,
): Promise<Sitting> {
  const job = smallJob(options);
  const controller = new AbortController();
  const transport = await open();
  const [events, snapshots]: [object[], Snapshot[]] = [[], []];
  const keep = async (snapshot: Snapshot): Promise<void> => void snapshots.push(snapshot);
  const steps = run(job, planOf(job), transport, controller.signal, { from, keep });
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return { events, outcome: value, snapshots };
    events.push(value.type === 'step' ? { ...value, ms: 0 } : value);
    if (abort(value)) controller.abort();
  }
}

const kinds: Readonly<Record<string, Options>> = {
  'adam, labels and decay learned': { models: 'logreg,conv', learnDecay: true },
  sgd: { optimizer: 'sgd', lr: 0.5 },
  'clipped, constant step size, fixed labels': { clip: 0.5, lrSchedule: 'constant', learnLabels: false },
};

describe.each(Object.entries(kinds))('%s', async (_, kind) => {
  const options: Options = { ...kind, steps: 6, validateEvery: 2, seed: 3 };
  const job = smallJob(options);
  const open = async (): Promise<Transport> => inline(await createHandler(job));
  const filed = (snapshot: Snapshot): Snapshot => {
    const origin = originOf(job, planOf(job), maker);
    return decodeCheckpoint(encodeCheckpoint({ snapshot, origin }), 'file').snapshot;
  };
  const whole = await sitting(options, open);
  const end = ({ state, steps, finalLoss, verdict }: Outcome) => ({ state, steps, finalLoss, verdict });
  const after = (step: number): number =>
    whole.events.findIndex(event => 'step' in event && (event as { step: number }).step > step);

  test.each(whole.snapshots.map((snapshot, i) => [i, snapshot] as const))(
    'from snapshot %i it tells what follows, and ends the same',
    async (_, snapshot) => {
      const { events, outcome } = await sitting(options, open, filed(snapshot));
      expect(end(outcome)).toEqual(end(whole.outcome));
      expect(events).toEqual(whole.events.slice(-events.length));
      const { step } = snapshot.state;
      const validated = snapshot.candidates.at(-1)?.state.step === step;
      const first = step < 6 ? after(step) : whole.events.length - 1; // what is told after the test begins is nothing
      const pending = !validated && step % 2 === 0; // a validation that was due is made up for
      expect(whole.events.length - events.length).toBe(first - (pending && step > 0 ? 1 : 0));
    },
  );

  test.each([1, 2, 3, 4, 5])('interrupted at step %i it goes on to the same end', async step => {
    const first = await sitting(options, open, undefined, e => e.type === 'step' && e.step === step);
    expect(first.outcome).toMatchObject({ interrupted: true, steps: step });
    const last = first.snapshots.at(-1)!;
    expect(last.state).toBe(first.outcome.state); // the very last state was handed out
    const second = await sitting(options, open, filed(last));
    expect(end(second.outcome)).toEqual(end(whole.outcome));
    expect([...first.events, ...second.events]).toEqual(whole.events);
  });
});

test('wall seconds add up over the sittings', async () => {
  const options: Options = { steps: 3, validation: 0 };
  const plan = planOf(smallJob(options));
  const open = async (): Promise<Transport> => fakeTransport(plainAnswers(plan));
  const { snapshots } = await sitting(options, open);
  const { outcome } = await sitting(options, open, { ...snapshots[1]!, wallSeconds: 1000 });
  expect(outcome.wallSeconds).toBeGreaterThan(1000);
  expect(outcome.wallSeconds).toBeLessThan(1010);
});

test('interrupted in a validation that is made up for, it takes no further step', async () => {
  const options: Options = { steps: 4, validateEvery: 2 };
  const plan = planOf(smallJob(options));
  const { snapshots } = await sitting(options, async () => fakeTransport(plainAnswers(plan)));
  const from = snapshots.find(({ state, candidates }) => state.step === 2 && candidates.length === 0)!;
  const job = smallJob(options);
  const abort = new AbortController();
  const answers = plainAnswers(plan);
  const transport = fakeTransport(task => {
    if (task.kind === 'accuracy') abort.abort();
    return answers(task);
  });
  const steps = run(job, plan, transport, abort.signal, { from });
  expect(await steps.next()).toMatchObject({ done: true, value: { steps: 2, interrupted: true } });
  expect(transport.log.filter(line => line.startsWith('gradient'))).toEqual([]);
});
