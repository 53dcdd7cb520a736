/** Batches of steps: the same whether they were prepared or not. */
import { expect, test } from 'vitest';
import { type Options, planOf } from '../../src/shared/config/index.ts';
import { StepBatches } from '../../src/worker/stepBatches.ts';
import { smallJob } from '../shared/config/jobs.ts';

const batchesOf = (options: Options = {}): { batches: StepBatches; steps: number } => {
  const job = smallJob(options);
  const plan = planOf(job);
  return { batches: new StepBatches(job, plan), steps: plan.steps };
};
const copied = ({ x, y }: ReturnType<StepBatches['at']>): [number[], number[]] => [[...x], [...y]];

test('a batch that was prepared is the one that would have been gathered', () => {
  const [prepared, gathered] = [batchesOf().batches, batchesOf().batches];
  const first = prepared.at(0);
  const kept = copied(first);
  prepared.prepare(1);
  expect(copied(first)).toEqual(kept); // its tasks may still be computed
  expect(copied(prepared.at(1))).toEqual(copied(gathered.at(1)));
  expect(copied(prepared.at(0))).toEqual(kept);
});

test('steps in any order have their own batches, and none is gathered twice in a row', () => {
  const { batches } = batchesOf();
  const forwards = [0, 1, 2].map(step => copied(batches.at(step)));
  expect([2, 1, 0].map(step => copied(batches.at(step)))).toEqual([...forwards].reverse());
  expect(batches.at(0)).toBe(batches.at(0));
  expect(new Set(forwards.map(([x]) => `${x}`)).size).toBe(3);
});

test('after the last step there is nothing to prepare', () => {
  const { batches, steps } = batchesOf();
  const last = batches.at(steps - 1);
  const kept = copied(last);
  batches.prepare(steps);
  batches.prepare(steps + 1); // would lie where the last one lies
  expect(copied(last)).toEqual(kept);
});
