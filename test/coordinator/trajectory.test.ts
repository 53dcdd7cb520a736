import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, initialState, mean, type State } from '../../src/coordinator/state.ts';
import { trajectory } from '../../src/coordinator/trajectory.ts';
import type { Transport } from '../../src/coordinator/transport.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { DistillError } from '../../src/shared/errors.ts';
import {
  decodeGradient,
  decodeState,
  encodeAnswer,
  type Gradient,
  type Part,
  type Task,
} from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { constantGradient, fakeTransport, plainAnswers } from './fakes.ts';

const job = smallJob({ models: 'logreg:3', steps: 2, learnDecay: true });
const plan = planOf(job);

async function walked(transport: Transport): Promise<State[]> {
  const states: State[] = [];
  for await (const { state } of trajectory(job, plan, transport)) states.push(state);
  return states;
}

test('broadcasts the state before it asks, all members of a step at once, and the next state before it yields', async () => {
  const transport = fakeTransport(plainAnswers(plan));
  for await (const { state } of trajectory(job, plan, transport)) transport.log.push(`yield ${state.step}`);
  const asked = (step: number): string[] => [0, 1, 2].map(member => `gradient ${step} ${member}`);
  expect(transport.log).toEqual([
    'broadcast 0',
    ...asked(0),
    'broadcast 1',
    'yield 1',
    ...asked(1),
    'broadcast 2',
    'yield 2',
  ]);
  const { images } = initialState(job.config, plan);
  expect(decodeState(transport.states[0]!, plan.sizes).images).toEqual(images);
});

test('each state is the advance of the one before by the mean of the answers', async () => {
  const answer = plainAnswers(plan);
  const gradients = (step: number): Gradient[] =>
    [0, 1, 2].map(member =>
      decodeGradient(answer({ kind: 'gradient', step, member }) as Uint8Array, plan.sizes),
    );
  const first = advance(initialState(job.config, plan), mean(gradients(0)), job.config, 2);
  const second = advance(first, mean(gradients(1)), job.config, 2);
  expect(await walked(fakeTransport(answer))).toEqual([first, second]);
});

test('the result does not depend on the order in which answers arrive', () =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), async scheduler => {
      const answer = plainAnswers(plan);
      const late = fakeTransport(task => scheduler.schedule(Promise.resolve(answer(task))));
      const states = await scheduler.waitFor(walked(late));
      expect(states).toEqual(await walked(fakeTransport(answer)));
    }),
    { numRuns: 30 },
  ));

describe('the member and step at fault are named', () => {
  const failing =
    (bad: Uint8Array) =>
    (task: Task): Uint8Array =>
      task.kind === 'gradient' && task.step === 1 && task.member === 2
        ? bad
        : (plainAnswers(plan)(task) as Uint8Array);
  const withLast = (part: Part, value: number): Gradient => {
    const gradient = constantGradient(plan, 1);
    gradient[part][plan.sizes[part] - 1] = value;
    return gradient;
  };
  const fix =
    'lower --eta-max, --lr or --sigma; compute it alone with: distill-cluster reproduce --seed 1 --step 1 --member 2';

  test.each<[string, Gradient]>([
    ['loss NaN', constantGradient(plan, 1, { loss: Number.NaN })],
    ['loss Infinity', constantGradient(plan, 1, { loss: Number.POSITIVE_INFINITY })],
    ['a non-finite gradient of the images', withLast('images', Number.NaN)],
    ['a non-finite gradient of the labels', withLast('labels', Number.NEGATIVE_INFINITY)],
    ['a non-finite gradient of the eta', withLast('eta', Number.POSITIVE_INFINITY)],
    ['a non-finite gradient of the decay', withLast('decay', Number.NaN)],
    ['loss NaN', constantGradient(plan, Number.NaN)],
  ])('%s', async (found, gradient) => {
    const transport = fakeTransport(failing(encodeAnswer({ gradient })));
    const error = await walked(transport).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DistillError);
    expect((error as DistillError).message).toBe(
      `step 1, member 2, seed 1: expected a finite loss and gradient, found ${found}; ${fix}`,
    );
    expect([(error as DistillError).code, (error as DistillError).exitCode]).toEqual(['non-finite', 1]);
    expect(transport.log.at(-1)).toBe('gradient 1 2'); // the state that would follow is not broadcast
  });

  test('large gradients of both signs are finite', async () => {
    const gradient = constantGradient(plan, 3e38);
    gradient.images[0] = -3e38;
    await expect(walked(fakeTransport(() => encodeAnswer({ gradient })))).resolves.toHaveLength(2);
  });

  test('an error that a worker answers with is thrown as it was', async () => {
    const error = new DistillError('bad-data', 'there', { expected: 'a', found: 'b', fix: 'c' });
    await expect(walked(fakeTransport(failing(encodeAnswer({ error: error.toData() }))))).rejects.toEqual(
      error,
    );
  });

  test('an answer that is none is refused', async () => {
    await expect(walked(fakeTransport(failing(new Uint8Array(3))))).rejects.toMatchObject({
      code: 'bad-file',
    });
  });
});

describe('with onNonfinite skip', () => {
  const skipping = smallJob({ models: 'logreg:3', steps: 2, learnDecay: true, onNonfinite: 'skip' });
  const bad = encodeAnswer({ gradient: constantGradient(plan, 1, { loss: Number.NaN }) });
  const answer = plainAnswers(plan);
  /** Member numbers that fail at step 1. */
  const failing = (members: readonly number[]) =>
    fakeTransport(task =>
      task.kind === 'gradient' && task.step === 1 && members.includes(task.member) ? bad : answer(task),
    );

  test.each([[[0]], [[1]], [[0, 2]]])('members %j are left out of the mean of the others', async members => {
    const told: string[] = [];
    const states: State[] = [];
    for await (const { state, left } of trajectory(skipping, plan, failing(members))) {
      told.push(...left);
      states.push(state);
    }
    const gradients = [0, 1, 2]
      .filter(member => !members.includes(member))
      .map(member => decodeGradient(answer({ kind: 'gradient', step: 1, member }) as Uint8Array, plan.sizes));
    expect(states[1]).toEqual(advance(states[0]!, mean(gradients), job.config, 2));
    expect(told).toEqual(
      members.map(m => `step 1, member ${m}, seed 1: found loss NaN; this member is left out of the step`),
    );
  });

  test('a step without any finite gradient ends the run', async () => {
    const all = async (): Promise<void> => {
      for await (const _ of trajectory(skipping, plan, failing([0, 1, 2])));
    };
    await expect(all()).rejects.toMatchObject({ code: 'non-finite', where: 'step 1, member 0, seed 1' });
  });
});
