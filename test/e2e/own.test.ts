/** @file What a user brings or wants beside the main job, on small data from the real command line: models and data of their own, attack, adapt, experiments' pieces. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Comparison, loadDistilled, type Summary } from '../../src/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { run } from '../fixtures/program.ts';
import { jsonLines, onSmall, readJson, scratch, smallSizes } from '../fixtures/runs.ts';

const place = scratch();
const data = join(place, 'data');
await writeIdxSet(data, smallSizes);
const small = [...onSmall(data), '--quiet'];
const lenet = 'test/shared/models/own/fixtures/lenet.tfjs.json';

test('the tfjs topology of a LeNet variant distils, and its set is evaluated where the file is gone', async () => {
  const out = join(place, 'lenet');
  const sized = ['--image-size', '28', ...small];
  const distilled = await run([
    '--models',
    lenet,
    '--steps',
    '3',
    '--inner-steps',
    '2',
    ...sized,
    '--out',
    out,
  ]);
  expect([distilled.status, distilled.stderr]).toEqual([0, '']);
  const set = await loadDistilled(join(out, 'distilled.safetensors'));
  expect(set.architectures?.[lenet]?.[0]?.layer).toBe('conv');
  const elsewhere = await run(
    [
      'evaluate',
      out,
      '--data-dir',
      data,
      '--eval-nets',
      '2',
      '--protocol',
      'schedule',
      '--no-baselines',
      '--json',
    ],
    { cwd: place },
  );
  expect(elsewhere.stderr).toBe('');
  const [comparison] = jsonLines(elsewhere.stdout) as Comparison[];
  expect(comparison!.tables.map(table => table.architecture)).toEqual([lenet]);
});

test('five topologies that can’t be built give five messages, one line and exit code 2 each', async () => {
  const layer = (class_name: string, config: object = {}): object => ({ class_name, config });
  const input = { batch_input_shape: [null, 8, 8, 1] };
  const models = {
    BatchNormalization: [layer('Flatten', input), layer('BatchNormalization')],
    LSTM: [layer('LSTM', { units: 4 })],
    Lambda: [layer('Flatten', input), layer('Lambda', { function: 'x' })],
    Conv2DTranspose: [layer('Conv2DTranspose', { ...input, filters: 2, kernel_size: [3, 3] })],
    dilation_rate: [layer('Conv2D', { ...input, filters: 2, kernel_size: [3, 3], dilation_rate: [2, 2] })],
  };
  const said = await Promise.all(
    Object.entries(models).map(async ([name, layers]) => {
      const file = join(place, `${name}.json`);
      writeFileSync(file, JSON.stringify({ class_name: 'Sequential', config: { name, layers } }));
      const { status, stdout, stderr } = await run(['--models', file, ...small, '--out', join(place, name)]);
      expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1]);
      expect(stderr).toContain(name);
      return stderr;
    }),
  );
  expect(new Set(said).size).toBe(5);
});

const tiny = ['--models', 'logreg', '--nets', '6', '--train-epochs', '2', '--steps', '30', ...small];

test('attack trains networks, distils, and tells what becomes of class A and of the rest', async () => {
  const out = join(place, 'attack');
  const { status, stdout, stderr } = await run(['attack', '--from', '3', '--to', '7', ...tiny, '--out', out]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('3 taken for 7');
  const { attack, before, accuracy } = readJson(join(out, 'result.json')) as Summary;
  expect([before!.nets, accuracy!.nets, attack!.after.taken.nets]).toEqual([2, 2, 2]); // a third of six
  expect((await loadDistilled(join(out, 'distilled.safetensors'))).attack).toEqual({ from: '3', to: '7' });
});

test('adapt starts from networks of another data set, and says how well they did before', async () => {
  const other = join(place, 'other.csv');
  const rows = Array.from({ length: 300 }, (_, n) => [
    n % 10,
    ...new Array(64).fill(0).map((_, i) => +(i % 10 === n % 10)),
  ]);
  writeFileSync(other, rows.map(row => row.join(',')).join('\n'));
  const out = join(place, 'adapt');
  const { status, stdout, stderr } = await run([
    'adapt',
    ...tiny.filter((arg, i, all) => arg !== '--data-dir' && all[i - 1] !== '--data-dir'),
    ...['--trained-on', 'mnist', '--trained-on-dir', data],
    ...['--dataset', other, '--label-column', 'first', '--out', out],
  ]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/test accuracy [\d.]+ ± [\d.]+ % → [\d.]+ ± [\d.]+ % over 2 trained networks/);
  const { before, accuracy } = readJson(join(out, 'result.json')) as Summary;
  expect(accuracy!.mean).toBeGreaterThan(before!.mean);
});
