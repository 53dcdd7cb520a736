/** @file Worker threads that die in mid-run, by themselves, in three ways: they are replaced, their tasks run again, and the result is that of an undisturbed run. */
import { describe, expect, test } from 'vitest';
import type { Transport } from '../../src/coordinator/transport.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import { threads } from '../../src/coordinator/transports/threads.ts';
import { encodeState, type Task } from '../../src/shared/messages/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { built } from '../fixtures/program.ts';
import { scratch } from '../fixtures/runs.ts';
import { outcome, smallRun } from '../fixtures/smallRun.ts';

built('worker/handler.js'); // what the threads import
const place = scratch();
const { job, plan } = await smallRun(place);

const gradient = (step: number, member: number, count: number): Task => ({
  kind: 'gradient',
  step,
  member,
  count,
});
const validation: Task = {
  kind: 'accuracy',
  step: 4,
  part: 'validation',
  model: 0,
  net: 1,
  recipe: 'schedule',
};
const testing: Task = { kind: 'accuracy', step: 8, part: 'test', model: 1, net: 0, recipe: 'schedule' };

interface Faults {
  readonly way: 'exit' | 'throw' | 'heap';
  readonly at: readonly { readonly task: Task; readonly times: number }[];
}

function faulty(
  { way, at }: Faults,
  workers = 2,
): { transport: Transport; deaths: Int32Array; told: string[] } {
  const deaths = new Int32Array(new SharedArrayBuffer(4 * at.length));
  const withFaults = { ...job, faults: { way, at, deaths } }; // travels to the threads with the job
  const transport = threads({
    entry: new URL('../fixtures/faultyThread.mjs', import.meta.url),
    job: withFaults,
    workers,
    expected: plan.members.length,
    stateBytes: 1 << 16,
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  const told: string[] = [];
  transport.onWorker(({ kind, message }) => told.push(`${kind}: ${message}`));
  return { transport, deaths, told };
}

const undisturbed = await outcome(job, plan, inline(await createHandler(job)));

const reasons = {
  exit: /worker exited with code: 3/,
  throw: /thrown outside of any task/,
  heap: /memory|heap/i,
} as const;
const ways = Object.keys(reasons) as (keyof typeof reasons)[];

describe.each(ways)('threads that die by %s', way => {
  test('now and then: the same result, and each loss is told', async () => {
    const at = [
      gradient(0, 0, 2),
      gradient(3, 0, 2),
      gradient(3, 2, 1),
      gradient(7, 2, 1),
      validation,
      testing,
    ].map(task => ({ task, times: 1 }));
    const { transport, deaths, told } = faulty({ way, at });
    expect(await outcome(job, plan, transport)).toEqual(undisturbed);
    expect([...deaths]).toEqual([2, 2, 2, 2, 2, 2]); // each chosen task came twice
    expect(told).toHaveLength(6);
    for (const line of told) {
      expect(line).toMatch(
        /^lost: a worker thread was lost \(.*\) at .*; it is replaced and the task runs again$/,
      );
      expect(line).toMatch(reasons[way]);
    }
    for (const where of [
      'step 0, members 0 to 1',
      'step 3, members 0 to 1',
      'step 3, member 2',
      'step 7, member 2',
      'network 1 of the validation part',
    ])
      expect(told.join('\n')).toContain(where);
  });

  test.each(way === 'exit' ? [2] : [])('%i times at one task, with one worker: still the same', async () => {
    const { transport, deaths } = faulty({ way, at: [{ task: gradient(2, 0, 2), times: 2 }] }, 1);
    expect(await outcome(job, plan, transport)).toEqual(undisturbed);
    expect([...deaths]).toEqual([3]);
  });

  test('three times at one task: the run ends and names it', async () => {
    const { transport, deaths, told } = faulty({ way, at: [{ task: gradient(2, 0, 2), times: 9 }] });
    await expect(outcome(job, plan, transport)).rejects.toMatchObject({
      code: 'lost-task',
      exitCode: 1,
      message: expect.stringMatching(
        /^step 2, members 0 to 1, seed 1: expected an answer, found 3 lost workers, the last by: .*reproduce --seed 1 --step 2 --member 0/,
      ),
    });
    expect([...deaths]).toEqual([3]);
    expect(told).toHaveLength(2);
  });
});

test('close waits for every task in flight, also for one whose thread dies meanwhile, and takes no more', async () => {
  const { transport, told } = faulty({ way: 'exit', at: [{ task: gradient(0, 1, 1), times: 1 }] });
  const state = {
    images: new Float32Array(640),
    labels: new Float32Array(100),
    eta: Float32Array.of(...new Array(10).fill(0.1)),
    decay: new Float32Array(plan.sizes.decay),
  };
  await transport.broadcast(0, encodeState(state));
  let answered = 0;
  const count = (): number => answered++;
  const asked = Array.from({ length: 40 }, (_, i) => transport.run(gradient(0, i % 3, 1)).then(count));
  await transport.close();
  expect(answered).toBe(40);
  await Promise.all(asked);
  expect(told).toHaveLength(1);
  await expect(transport.run(gradient(0, 0, 1))).rejects.toMatchObject({ code: 'closed' });
});
