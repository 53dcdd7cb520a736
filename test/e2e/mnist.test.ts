/** @file The job itself, for a few seconds: real MNIST, from the command line to a set that fresh networks learn from. What it reaches at length is in the README. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison, Row } from '../../src/index.ts';
import { run } from '../fixtures/program.ts';
import { jsonLines, scratch, written } from '../fixtures/runs.ts';

const out = join(scratch(), 'mnist');
const distilled = await run([
  '--models',
  'logreg:2',
  '--steps',
  '400',
  '--eval-nets',
  '5',
  '--seed',
  '1',
  '--quiet',
  '--out',
  out,
]);

test('400 steps on MNIST make ten images from which fresh networks learn far more than chance', async () => {
  expect([distilled.status, distilled.stderr]).toEqual([0, '']);
  expect(distilled.stdout).toContain(
    'over 5 fresh networks in 10 steps on 10 images (Markov 2020: 88.5 % at best)',
  );
  const { summary, set, metrics } = await written(out);
  expect(set.images).toHaveLength(10 * 28 * 28);
  expect(summary.accuracy!.mean).toBeGreaterThan(0.85); // 0.90 is what it gets
  expect(summary.accuracy!.std).toBeLessThan(0.03);
  expect(metrics[0]!.loss).toBeCloseTo(Math.log(10), 1); // a network that has learnt nothing
  expect(summary.finalLoss).toBeLessThan(metrics[0]!.loss - 0.1);
});

test('networks of another architecture learn from them too', async () => {
  const args = [
    'evaluate',
    join(out, 'distilled.safetensors'),
    '--models',
    'conv',
    '--eval-nets',
    '2',
    '--protocol',
    'schedule',
    '--no-baselines',
    '--json',
  ];
  const { status, stdout } = await run(args);
  expect(status).toBe(0);
  const [comparison] = jsonLines(stdout) as Comparison[];
  const [{ accuracy }] = comparison!.tables[0]!.rows as [Row];
  expect(accuracy.nets).toBe(2);
  expect(accuracy.mean).toBeGreaterThan(0.3); // chance is 0.1
});
