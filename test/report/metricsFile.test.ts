import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StepEvent } from '../../src/coordinator/events.ts';
import { MetricsFile } from '../../src/report/metricsFile.ts';
import { scratch } from '../fixtures/runs.ts';

const place = scratch();
const event = (step: number, eta = [0.5, 0.25]): StepEvent => ({
  type: 'step',
  step,
  loss: 1 / step,
  eta,
  norms: { images: 1, labels: 2, eta: 3 },
  ms: 4,
});

async function write(path: string, from: number, to: number): Promise<object[]> {
  const { metrics, points } = await MetricsFile.open(path, from);
  for (let step = from + 1; step <= to; step++) metrics.add(event(step));
  await metrics.settle();
  expect(await metrics.close()).toBeUndefined();
  return points;
}

test('a file cut off at any byte, gone on with after any step, is that of an undisturbed run', async () => {
  const whole = join(place, 'whole');
  await write(whole, 0, 7);
  const bytes = await readFile(whole);
  const lines = bytes.toString().split('\n');
  await fc.assert(
    fc.asyncProperty(fc.nat(7), fc.nat(200), async (step, more) => {
      const path = join(place, 'cut');
      const least = lines.slice(0, step).join('\n').length + (step > 0 ? 1 : 0); // a checkpoint is younger than its lines
      await writeFile(path, bytes.subarray(0, least + more));
      const points = await write(path, step, 7);
      expect(await readFile(path)).toEqual(bytes);
      expect(points).toEqual(
        Array.from({ length: step }, (_, i) => ({ step: i + 1, loss: 1 / (i + 1), eta: [0.5, 0.25] })),
      );
    }),
    { numRuns: 40 },
  );
});

test('one η̃ is a number, and read as one', async () => {
  const path = join(place, 'one');
  const { metrics } = await MetricsFile.open(path, 0);
  metrics.add(event(1, [0.5]));
  await metrics.close();
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ step: 1, eta: 0.5 });
  expect((await MetricsFile.open(path, 1)).points).toEqual([{ step: 1, loss: 1, eta: [0.5] }]);
});

test('a file that is gone, or foreign, is begun anew from there', async () => {
  for (const [i, text] of [undefined, 'nothing of ours\n', '{"step":"x"}\n'].entries()) {
    const path = join(place, `lost${i}`);
    if (text !== undefined) await writeFile(path, text);
    expect(await write(path, 5, 6)).toEqual([]);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ step: 6 });
  }
});
