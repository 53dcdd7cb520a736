import { describe, expect, test } from 'vitest';
import { attempts, untilAnswered } from '../../src/coordinator/attempts.ts';
import { DistillError } from '../../src/shared/errors.ts';
import type { Task } from '../../src/shared/messages/index.ts';

const tasks = {
  gradient: { kind: 'gradient', step: 4, member: 2, count: 1 },
  accuracy: {
    kind: 'accuracy',
    step: 4,
    part: 'validation',
    model: 0,
    net: 3,
    recipe: 'schedule',
  },
  pretrain: { kind: 'pretrain', model: 0, net: 5, epochs: 1 },
} as const satisfies Readonly<Record<Task['kind'], Task>>;

/** Tries `task`; its first `losses` workers are lost, the next one answers. */
async function tried(task: Task, losses: number, cause: unknown = new Error('gone')) {
  const told: string[] = [];
  let times = 0;
  const once = async (): Promise<Uint8Array> => {
    times++;
    if (times <= losses) throw cause;
    return Uint8Array.of(times);
  };
  const tell = ({ kind, message }: { kind: string; message: string }) => told.push(`${kind}: ${message}`);
  const answer = await untilAnswered({ task, seed: 9, once, tell, worker: 'a worker' }).catch(
    (error: unknown) => error,
  );
  return { answer, told, times };
}

describe.each(Object.values(tasks))('a $kind task', task => {
  test.each([0, 1, 2])('is answered after %i losses, each told with its cause', async losses => {
    const { answer, told, times } = await tried(task, losses);
    expect(answer).toEqual(Uint8Array.of(losses + 1));
    expect(times).toBe(losses + 1);
    expect(told).toHaveLength(losses);
    for (const line of told)
      expect(line).toMatch(
        /^lost: a worker was lost \(gone\) at .*; it is replaced and the task runs again$/,
      );
  });

  test('ends the run when it has lost three, and is not tried again', async () => {
    const { answer, told, times } = await tried(task, 9);
    expect(answer).toMatchObject({ code: 'lost-task', exitCode: 1, cause: new Error('gone') });
    expect([times, told.length]).toEqual([attempts, attempts - 1]);
  });

  test('an error of ours is no loss: thrown as it is, at once', async () => {
    const ours = new DistillError('closed', 'w', { expected: 'e', found: 'f', fix: 'x' });
    const { answer, told, times } = await tried(task, 9, ours);
    expect(answer).toBe(ours);
    expect([times, told]).toEqual([1, []]);
  });
});

test('a lost gradient names member, step, seed and how to compute it alone; others name themselves', async () => {
  const message = async (task: Task, cause?: unknown): Promise<string> =>
    ((await tried(task, 9, cause)).answer as Error).message;
  expect(await message(tasks.gradient)).toBe(
    'step 4, member 2, seed 9: expected an answer, found 3 lost workers, the last by: gone; its worker dies of it; compute it alone with: distill-cluster reproduce --seed 9 --step 4 --member 2',
  );
  expect(await message({ ...tasks.gradient, count: 3 })).toBe(
    'step 4, members 2 to 4, seed 9: expected an answer, found 3 lost workers, the last by: gone; its worker dies of one of these members: try each, --member 2 to 4; compute it alone with: distill-cluster reproduce --seed 9 --step 4 --member 2',
  );
  expect(await message(tasks.accuracy)).toMatch(/^network 3 of the validation part: .*--transport inline$/);
  expect(await message(tasks.pretrain, 'no error at all')).toMatch(
    /^network 5 in training: .* by: no error at all; /,
  );
});
