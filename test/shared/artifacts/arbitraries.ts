/** @file Random files for the laws of this room: tensors, distilled sets, and damage. */
import fc from 'fast-check';
import type { DistilledSet, StoredTensor } from '../../../src/shared/artifacts/index.ts';

const shape = fc.array(fc.nat(4), { maxLength: 4 });
const sizeOf = (axes: readonly number[]): number => axes.reduce((size, axis) => size * axis, 1);

/** Any of the four types over random bytes, so with every NaN; no axes at all, and axes of 0, among the shapes. */
export const storedTensor: fc.Arbitrary<StoredTensor> = fc
  .tuple(shape, fc.constantFrom(Float64Array, Float32Array, Int32Array, Uint8Array))
  .chain(([axes, Type]) => {
    const bytes = sizeOf(axes) * Type.BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map(content => ({ shape: axes, data: new Type(Uint8Array.from(content).buffer) }));
  });

/** Names that an object has without being given them are the dangerous ones. */
export const name = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'é\n"'),
);

/** A record without prototype, so that `__proto__` is a name like any other. */
export const record = <T>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> =>
  fc.uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([k]) => k }).map(pairs => {
    const made: Record<string, T> = Object.create(null);
    for (const [k, v] of pairs) made[k] = v;
    return made;
  });

export interface Damage {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

/** Bytes overwritten, cut out, put in: one to three places of `bytes`, most of them near its start, where the headers are. */
export const damage: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.2, noNaN: true })),
    remove: fc.oneof(fc.constant(1), fc.nat(20)),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.stringMatching(/^[-0-9,"{}:[\]e]{1,3}$/).map(text => new TextEncoder().encode(text)),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

export const damaged = (bytes: Uint8Array, damages: readonly Damage[]): Uint8Array =>
  damages.reduce((now, { at, remove, insert }) => {
    const start = Math.floor(at * now.length);
    return Uint8Array.from([...now.subarray(0, start), ...insert, ...now.subarray(start + remove)]);
  }, bytes);

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const floats = (length: number) =>
  fc.array(float32, { minLength: length, maxLength: length }).map(values => Float32Array.from(values));
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0); // JSON has no −0
const axis = fc.integer({ min: 1, max: 3 });

export const distilledSet: fc.Arbitrary<DistilledSet> = fc
  .record({ m: axis, h: axis, w: axis, c: axis, k: axis, n: axis, perStep: fc.boolean() })
  .chain(({ m, h, w, c, k, n, perStep }) =>
    fc.record(
      {
        images: floats(m * h * w * c),
        imageShape: fc.constant([h, w, c] as const),
        labels: floats(m * k),
        eta: floats(perStep ? n : 1),
        etaPerStep: fc.constant(perStep),
        innerSteps: fc.constant(n),
        classNames: fc.array(fc.string(), { minLength: k, maxLength: k }),
        normalisation: fc.record({
          mean: fc.array(number, { minLength: c, maxLength: c }),
          std: fc.array(fc.double({ min: 1e-6, max: 10, noNaN: true }), { minLength: c, maxLength: c }),
        }),
        dataset: fc.string(),
        dataChecksum: fc.stringMatching(/^[0-9a-f]{64}$/),
        models: fc.string(),
        modelOptions: fc.dictionary(
          fc.stringMatching(/^[a-z]{1,5}$/),
          fc.oneof(fc.string(), number, fc.boolean()),
        ),
        init: fc.record({ kind: fc.string(), mu: number, sigma: number }),
        temperature: fc.oneof(number, fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), number)),
        seed: fc.integer().map(seed => seed + 0),
        accuracy: fc.record({ mean: number, std: number, nets: axis, protocol: fc.string() }),
        createdBy: fc.string(),
      },
      {
        noNullPrototype: true,
        requiredKeys: [
          'images',
          'imageShape',
          'labels',
          'eta',
          'etaPerStep',
          'innerSteps',
          'classNames',
          'normalisation',
          'dataset',
          'dataChecksum',
          'models',
          'modelOptions',
          'init',
          'temperature',
          'seed',
          'createdBy',
        ],
      },
    ),
  );
