import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, initialState, mean, type State } from '../../src/coordinator/state.ts';
import { trajectory } from '../../src/coordinator/trajectory.ts';
import type { Transport } from '../../src/coordinator/transport.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { DistillError } from '../../src/shared/errors.ts';
import {
  decodeState,
  encodeAnswer,
  type Gradient,
  type GradientTask,
  type Part,
  type Task,
} from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { constantGradient, fakeTransport, gradientsOf, plainAnswers, plainGradient } from './fakes.ts';

const job = smallJob({ models: 'logreg:3', steps: 2, learnDecay: true });
const plan = planOf(job);

async function walked(transport: Transport): Promise<State[]> {
  const states: State[] = [];
  for await (const { state } of trajectory(job, plan, transport)) states.push(state);
  return states;
}

test('broadcasts the state before it asks, all members of a step at once, and the next state before it yields', async () => {
  const transport = fakeTransport(plainAnswers(plan), 3);
  for await (const { state } of trajectory(job, plan, transport)) transport.log.push(`yield ${state.step}`);
  const asked = (step: number): string[] => [0, 1, 2].map(member => `gradient ${step} ${member} 1`);
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
  const gradients = (step: number): Gradient[] => [0, 1, 2].map(member => plainGradient(plan, step, member));
  const first = advance(initialState(job.config, plan), mean(gradients(0)), job.config, 2);
  const second = advance(first, mean(gradients(1)), job.config, 2);
  expect(await walked(fakeTransport(plainAnswers(plan)))).toEqual([first, second]);
});

test('the result does not depend on the order in which answers arrive', () =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), async scheduler => {
      const answer = plainAnswers(plan);
      const late = fakeTransport(task => scheduler.schedule(Promise.resolve(answer(task))), 2);
      const states = await scheduler.waitFor(walked(late));
      expect(states).toEqual(await walked(fakeTransport(answer)));
    }),
    { numRuns: 30 },
  ));

test.each([1, 2, 3, 8])('the result does not depend on how many workers there are: %i', async workers => {
  const transport = fakeTransport(plainAnswers(plan), workers);
  expect(await walked(transport)).toEqual(await walked(fakeTransport(plainAnswers(plan), 0)));
  const asked = transport.log.filter(line => line.startsWith('gradient 0'));
  expect(asked).toHaveLength(Math.min(workers, 3));
});

test('a worker more or less makes other groups of the next step, and no other result', async () => {
  let workers = 1;
  const fake = fakeTransport(plainAnswers(plan));
  const changing: Transport = {
    ...fake,
    get workers() {
      return workers++;
    },
  };
  expect(await walked(changing)).toEqual(await walked(fakeTransport(plainAnswers(plan))));
  expect(fake.log.filter(line => line.startsWith('gradient'))).toEqual([
    'gradient 0 0 3',
    'gradient 1 0 1',
    'gradient 1 1 2',
  ]);
});

describe('the member and step at fault are named', () => {
  const atFault = (step: number, member: number): boolean => step === 1 && member === 2;
  const failing =
    (bad: Gradient) =>
    (task: Task): Uint8Array =>
      gradientsOf(task as GradientTask, (step, member) =>
        atFault(step, member) ? bad : plainGradient(plan, step, member),
      );
  /** Answers by `bad` to the task that is about the member. */
  const answering =
    (bad: Uint8Array) =>
    (task: Task): Uint8Array =>
      task.kind === 'gradient' && atFault(task.step, task.member)
        ? bad
        : (plainAnswers(plan)(task) as Uint8Array);
  const withLast = (part: Part, value: number): Gradient => {
    const gradient = constantGradient(plan, 1);
    gradient[part][plan.sizes[part] - 1] = value;
    return gradient;
  };
  const fix =
    'lower --eta-max, --lr or --sigma; compute it alone with: distill-cluster reproduce --seed 1 --step 1 --member 2';

  describe.each([1, 2, 3])('%i workers', workers => {
    test.each<[string, Gradient]>([
      ['loss NaN', constantGradient(plan, 1, { loss: Number.NaN })],
      ['loss Infinity', constantGradient(plan, 1, { loss: Number.POSITIVE_INFINITY })],
      ['a non-finite gradient of the images', withLast('images', Number.NaN)],
      ['a non-finite gradient of the labels', withLast('labels', Number.NEGATIVE_INFINITY)],
      ['a non-finite gradient of the eta', withLast('eta', Number.POSITIVE_INFINITY)],
      ['a non-finite gradient of the decay', withLast('decay', Number.NaN)],
      ['loss NaN', constantGradient(plan, Number.NaN)],
    ])('%s', async (found, gradient) => {
      const transport = fakeTransport(failing(gradient), workers);
      const error = await walked(transport).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(DistillError);
      expect((error as DistillError).message).toBe(
        `step 1, member 2, seed 1: expected a finite loss and gradient, found ${found}; ${fix}`,
      );
      expect([(error as DistillError).code, (error as DistillError).exitCode]).toEqual(['non-finite', 1]);
      expect(transport.log.at(-1)).toMatch(/^gradient 1 /); // the state that would follow is not broadcast
    });
  });

  test('large gradients of both signs are finite', async () => {
    const gradient = constantGradient(plan, 3e38);
    gradient.images[0] = -3e38;
    await expect(
      walked(fakeTransport(task => gradientsOf(task as GradientTask, () => gradient))),
    ).resolves.toHaveLength(2);
  });

  test('an error that a worker answers with is thrown as it was', async () => {
    const error = new DistillError('bad-data', 'there', { expected: 'a', found: 'b', fix: 'c' });
    await expect(
      walked(fakeTransport(answering(encodeAnswer({ error: error.toData() })), 3)),
    ).rejects.toEqual(error);
  });

  test('an answer that is none is refused', async () => {
    await expect(walked(fakeTransport(answering(new Uint8Array(3)), 3))).rejects.toMatchObject({
      code: 'bad-file',
    });
  });
});

describe('with onNonfinite skip', () => {
  const skipping = smallJob({ models: 'logreg:3', steps: 2, learnDecay: true, onNonfinite: 'skip' });
  const bad = constantGradient(plan, 1, { loss: Number.NaN });
  /** Member numbers that fail at step 1. */
  const failing = (members: readonly number[]) =>
    fakeTransport(task =>
      gradientsOf(task as GradientTask, (step, member) =>
        step === 1 && members.includes(member) ? bad : plainGradient(plan, step, member),
      ),
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
      .map(member => plainGradient(plan, 1, member));
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
