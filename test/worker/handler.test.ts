import { describe, expect, test } from 'vitest';
import { initialState } from '../../src/coordinator/state.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { DistillError } from '../../src/shared/errors.ts';
import { decodeAccuracy, decodeGradients, encodeState, type Task } from '../../src/shared/messages/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { smallJob } from '../shared/config/jobs.ts';

const job = smallJob();
const plan = planOf(job);
const state = encodeState(initialState(job.config, plan));
const tasks: readonly Task[] = [
  { kind: 'gradient', step: 0, member: 0, count: 2 },
  { kind: 'accuracy', step: 0, part: 'test', model: 0, net: 0, recipe: 'schedule' },
];

describe.each(tasks)('a $kind task', task => {
  const decode = (bytes: Uint8Array): unknown =>
    task.kind === 'gradient'
      ? decodeGradients(bytes, plan.sizes, task.count)
      : decodeAccuracy(bytes, plan.classes);

  test.each<[string, Uint8Array]>([
    ['nothing was broadcast', new Uint8Array()],
    [
      'a state of other sizes',
      encodeState({ ...initialState(job.config, plan), images: new Float32Array(5) }),
    ],
    ['a frame that is cut off', state.subarray(0, 50)],
  ])('%s: the answer is the error, and the next task is answered', async (_, bytes) => {
    const handler = await createHandler(job);
    const answer = await handler(task, bytes);
    expect(() => decode(answer)).toThrow(DistillError);
    expect(() => decode(answer)).toThrow(/^message 'state': expected a frame of this program, found /);
    decode(await handler(task, state));
  });

  test('sees the newest state', async () => {
    const handler = await createHandler(job);
    const other = encodeState({
      ...initialState(job.config, plan),
      images: new Float32Array(plan.sizes.images).fill(0.5),
    });
    const first = await handler(task, state);
    const second = await handler(task, other);
    expect(second).toEqual(await (await createHandler(job))(task, other));
    expect(await handler(task, state)).toEqual(first);
    if (task.kind === 'gradient') expect(second).not.toEqual(first);
  });
});

test('what no task explains is thrown: an architecture or member that is not there', async () => {
  const handler = await createHandler(job);
  await expect(handler({ kind: 'gradient', step: 0, member: 9, count: 1 }, state)).rejects.toThrow(TypeError);
});
