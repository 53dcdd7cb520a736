/** @file One gradient task, written by both engines: what the files hold, that the engines agree, and that the arrays are enough to compute it elsewhere. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeIdxSet } from '../fixtures/idx.ts';
import { logregGradient } from '../fixtures/logreg.ts';
import { run } from '../fixtures/program.ts';
import { onSmall, scratch, smallSizes } from '../fixtures/runs.ts';
import { flat, logregTask, readTask, relative, results, type WrittenTask } from '../fixtures/task.ts';

const place = scratch();
await writeIdxSet(join(place, '28'), { ...smallSizes, height: 28, width: 28 });
await writeIdxSet(join(place, '12'), { ...smallSizes, height: 12, width: 12 });

let tasks = 0;
async function reproduce(flags: readonly string[]): Promise<WrittenTask> {
  const out = join(place, `tasks/${tasks++}/task.npz`); // in directories that are not there yet
  const { status, stdout, stderr } = await run([
    'reproduce',
    ...flags,
    '--transport',
    'inline',
    '--out',
    out,
  ]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toBe(`wrote ${out} and ${join(out, '../task.json')}\n`);
  return readTask(out);
}

interface Case {
  readonly side: number;
  readonly flags: readonly string[];
  /** Shape of η̃, and of λ where there is one. */
  readonly eta: readonly number[];
  readonly weights: number;
  readonly images?: number;
  readonly decay?: true;
  /** Shape of what picks the images, where they are picked at random. */
  readonly select?: readonly number[];
}

const cases = {
  'logreg, one η̃ per step': {
    side: 28,
    flags: ['--models', 'logreg:2', '--member', '1'],
    eta: [10],
    weights: 7850,
  },
  'logreg, one η̃, fixed labels, T = 1': {
    side: 28,
    flags: ['--models', 'logreg', '--preset', 'source', '--images-per-class', '2'],
    eta: [],
    weights: 7850,
  },
  'logreg, a single step': {
    side: 12,
    flags: ['--models', 'logreg', '--inner-steps', '1'],
    eta: [1],
    weights: 1450,
  },
  'conv in a mixed ensemble': {
    side: 12,
    flags: '--models logreg,conv --member 1 --kernel 5 --filters 4 --hidden 16 --init normal'.split(' '),
    eta: [10],
    weights: 104 + 1040 + 170,
    decay: true, // a net with hidden layers
  },
  'logreg, random mini-batches, a decay per step': {
    side: 12,
    flags: '--models logreg --order random --inner-batch 4 --learn-decay --inner-steps 5'.split(' '),
    eta: [5],
    weights: 1450,
    decay: true,
    select: [5, 4, 10],
  },
  'logreg, random mini-batches of several of each class, one decay, two epochs': {
    side: 12,
    flags:
      '--models logreg --images-per-class 2 --order random --learn-decay --no-eta-per-step --inner-epochs 2'.split(
        ' ',
      ),
    eta: [],
    weights: 1450,
    decay: true,
    select: [20, 10, 20],
  },
  'conv, η̃ and λ per layer, images of each step its own': {
    side: 12,
    flags: [
      ...'--models logreg,conv --member 1 --filters 4 --hidden 16'.split(' '),
      ...'--order steps --inner-steps 2 --images 6 --eta-per-layer'.split(' '),
    ],
    eta: [2, 4],
    weights: 104 + 1040 + 170,
    images: 6,
    decay: true,
  },
} as const satisfies Record<string, Case>;

describe.each(Object.entries<Case>(cases))('%s', async (_, { side, flags, eta, weights, ...more }) => {
  const task = [
    ...onSmall(join(place, String(side))),
    ...flags,
    '--steps',
    '9',
    '--seed',
    '4',
    '--step',
    '3',
  ];
  const native = await reproduce(task);
  const reference = await reproduce([...task, '--engine', 'reference']);
  const first = await reproduce([...task.slice(0, -1), '0']);

  test('the arrays have the shapes and types that are promised', () => {
    const m = more.images ?? (flags.includes('--images-per-class') ? 20 : 10);
    const [images, labels] = [
      [m, side, side, 1],
      [m, 10],
    ];
    const inputs = { images, x: [50, side, side, 1], labels, y: [50, 10], eta, weights: [weights] };
    const shapes = {
      ...inputs,
      ...(more.decay && { decay: eta, d_decay: eta }),
      ...(more.select && { select: more.select }),
      ...{ loss: [], d_images: images, d_eta: eta, d_labels: labels },
    };
    for (const { arrays } of [native, reference, first])
      expect(Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]))).toEqual(
        shapes,
      );
    for (const [name, { data }] of Object.entries(native.arrays))
      expect([name, data.constructor.name]).toEqual([name, 'Float32Array']);
    for (const [name, { data }] of Object.entries(reference.arrays))
      expect([name, data.constructor.name]).toEqual([
        name,
        results.includes(name) ? 'Float64Array' : 'Float32Array',
      ]);
  });

  test('the native gradient is the reference’s to 1e-4, from the same inputs', () => {
    for (const [name, { data }] of Object.entries(native.arrays))
      if (results.includes(name))
        expect.soft(relative(data, reference.arrays[name]!.data), name).toBeLessThan(1e-4);
      else expect(data, name).toEqual(reference.arrays[name]!.data);
    expect(native.task).toEqual({ ...reference.task, engine: expect.stringMatching(/^kernels \d/) });
    expect(reference.task.engine).toBe('float64');
  });

  test('another step has another state, other weights and another batch', () => {
    const others = [...(more.decay ? ['decay', 'd_decay'] : []), ...(more.select ? ['select'] : [])];
    for (const name of ['images', 'eta', 'x', 'weights', 'd_images', ...others])
      expect(first.arrays[name]!.data, name).not.toEqual(native.arrays[name]!.data);
  });

  test('task.json says how the weights lie', () => {
    const specs = native.task.weights as { name: string; shape: number[]; offset: number }[];
    let offset = 0;
    for (const spec of specs) {
      expect(spec.offset).toBe(offset);
      offset += spec.shape.reduce((a, b) => a * b, 1);
    }
    expect(offset).toBe(weights);
    expect(native.task).toMatchObject({
      step: 3,
      seed: 4,
      batchSize: 50,
      classes: 10,
      imageShape: [side, side, 1],
    });
    expect(first.task).toEqual({ ...native.task, step: 0 });
  });

  if (native.task.model !== 'logreg') return;
  test('the arrays are enough: plain loops over them give the same gradient', () => {
    const expected = flat(logregGradient(logregTask(reference)), eta.length === 0);
    for (const name of results.filter(result => result in reference.arrays)) {
      expect.soft(relative(reference.arrays[name]!.data, expected[name]!), name).toBeLessThan(1e-9);
      expect.soft(relative(native.arrays[name]!.data, expected[name]!), name).toBeLessThan(1e-4);
    }
  });
});
