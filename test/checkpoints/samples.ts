/** @file Checkpoints for tests: of a small run, with any numbers. */
import fc from 'fast-check';
import { type Checkpoint, type Maker, originOf } from '../../src/checkpoints/index.ts';
import type { Moments } from '../../src/coordinator/optimiser.ts';
import { beginning, type Snapshot } from '../../src/coordinator/snapshot.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { type Part, parts } from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';

export const maker: Maker = {
  versions: { 'distill-cluster': '0.0.1', node: '20.0.0' },
  machine: { platform: 'linux', arch: 'x64', cpu: 'some “CPU” @ 2 GHz', kind: 'linux-x64-avx2', cores: 2 },
};

export const job = smallJob({ steps: 9 });
export const plan = planOf(job);

/** Of a run as it begins, but for the step. */
export const checkpointAt = (step: number): Checkpoint => {
  const snapshot = beginning(job.config, plan);
  return {
    snapshot: { ...snapshot, state: { ...snapshot.state, step }, finalLoss: 1 },
    origin: originOf(job, plan, maker),
  };
};

const size = fc.nat(5);
const set = (sizes: Readonly<Record<Part, number>>): fc.Arbitrary<Record<Part, Float32Array>> =>
  fc.record(recordOf(part => fc.float32Array({ minLength: sizes[part], maxLength: sizes[part] })));
const moments = (length: number): fc.Arbitrary<Moments> =>
  fc.tuple(fc.constantFrom(0, length), fc.double()).chain(([n, usualNorm]) =>
    fc.record({
      first: fc.float64Array({ minLength: n, maxLength: n }),
      second: fc.float64Array({ minLength: n, maxLength: n }),
      usualNorm: fc.constant(usualNorm),
    }),
  );
const share = fc.double({ min: 0, max: 1, noNaN: true });
const accuracy = fc.record({ mean: share, std: share, nets: fc.integer({ min: 1, max: 99 }) });
const step = fc.integer({ min: 1, max: 1_000_000 });

/** Any state, of any sizes, with every kind of number in it. */
export const anySnapshot: fc.Arbitrary<Snapshot> = fc.record(recordOf(() => size)).chain(sizes => {
  const state = fc
    .tuple(step, set(sizes), fc.record(recordOf(part => moments(sizes[part]))))
    .map(([at, values, remembered]) => ({ step: at, ...values, moments: remembered }));
  const candidate = fc.record({
    state: fc.tuple(step, set(sizes)).map(([at, values]) => ({ step: at, ...values })),
    accuracy,
  });
  return fc.record({
    state,
    candidates: fc.array(candidate, { maxLength: 4 }),
    validations: fc.array(fc.record({ step, accuracy: share }), { maxLength: 4 }),
    finalLoss: fc.double({ noNaN: true, noDefaultInfinity: true }).map(loss => loss + 0), // no −0: JSON has none
    wallSeconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  });
});

function recordOf<T>(value: (part: Part) => T): Record<Part, T> {
  return Object.fromEntries(parts.map(part => [part, value(part)])) as Record<Part, T>;
}
