import { describe, expect, test } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import { decodeTask, encodeTask, type Task, taskName } from '../../../src/shared/messages/index.ts';
import { pack, ranges } from './frames.ts';

const gradient = { kind: 'gradient', step: 2, member: 0, count: 3 } as const;
const accuracy = {
  kind: 'accuracy',
  step: 3,
  part: 'test',
  model: 1,
  net: 7,
  recipe: 'converged',
} as const;
const pretrain = { kind: 'pretrain', model: 0, net: 2, epochs: 3 } as const;

test.each<[string, Task]>([
  ['step 2, members 0 to 2', gradient],
  ['step 2, members 1 to 2', { ...gradient, member: 1, count: 2 }],
  ['step 0, member 2', { ...gradient, step: 0, member: 2, count: 1 }],
  ['network 7 of the test part', accuracy],
  ['network 2 in training', pretrain],
])('%s arrives as it was sent', (name, task) => {
  expect(decodeTask(encodeTask(task), ranges)).toEqual(task);
  expect(taskName(task)).toBe(name);
});

describe('refused', () => {
  test.each<[string, object, string]>([
    [
      'a step that there is not',
      { ...gradient, step: 3 },
      'step 3, members 0 to 2, beyond 3 steps, 3 members',
    ],
    ['a member that there is not', { ...gradient, member: 3, count: 1 }, 'step 2, member 3, beyond'],
    ['members of which the last one is not', { ...gradient, member: 1 }, 'step 2, members 1 to 3, beyond'],
    ['members without end', { ...gradient, count: 2 ** 31 }, 'step 2, members 0 to 2147483647, beyond'],
    ['no member', { ...gradient, count: 0 }, 'count: another one'],
    ['half a member', { ...gradient, count: 1.5 }, 'count: another one'],
    ['a task that does not say how many', { kind: 'gradient', step: 0, member: 0 }, 'count: another one'],
    ['an architecture that there is not', { ...accuracy, model: 2 }, 'beyond'],
    ['another kind', { ...gradient, kind: 'hessian' }, 'kind: another one'],
  ])('%s', (_, task, found) => {
    const decode = (): Task => decodeTask(pack('task', task), ranges);
    expect(decode).toThrow(DistillError);
    expect(decode).toThrow(found);
  });
});
