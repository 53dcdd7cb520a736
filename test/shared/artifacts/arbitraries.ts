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

/** Sizes that fit together: N = steps × epochs; M a multiple of the parts that the order cuts it into; mini-batches of at most M. */
const sizes = fc
  .record({
    part: axis,
    h: axis,
    w: axis,
    c: axis,
    k: axis,
    steps: axis,
    epochs: axis,
    batch: axis,
    layers: axis,
    order: fc.constantFrom('all', 'steps', 'random'),
    pace: fc.constantFrom('one', 'step', 'layer'),
  })
  .map(({ part, steps, epochs, batch, layers, order, pace, ...axes }) => {
    const [m, n] = [order === 'steps' ? part * steps : part, steps * epochs];
    const schedule: DistilledSet['schedule'] = {
      inner_steps: n,
      epochs,
      order,
      ...(order === 'random' && { batch: Math.min(batch, m) }),
    };
    return { ...axes, m, schedule, paceShape: { one: [], step: [n], layer: [n, layers] }[pace] };
  });

const text = fc.string();
const word = fc.stringMatching(/^[a-z]{1,5}$/);
const architectures = fc.dictionary(
  word,
  fc.array(
    fc
      .tuple(fc.dictionary(word, fc.oneof(text, number)), text)
      .map(([options, layer]) => ({ ...options, layer })),
    { maxLength: 3 },
  ),
);

/** Sets of every order and shape of η̃; what a set may do without is there or not. */
export const distilledSet: fc.Arbitrary<DistilledSet> = sizes.chain(
  ({ m, h, w, c, k, schedule, paceShape }) => {
    const layers = paceShape[1];
    const always = {
      images: floats(m * h * w * c),
      imageShape: fc.constant([h, w, c] as const),
      labels: floats(m * k),
      eta: floats(sizeOf(paceShape)),
      paceShape: fc.constant(paceShape),
      ...(layers !== undefined && { columns: fc.array(text, { minLength: layers, maxLength: layers }) }),
      schedule: fc.constant(schedule),
      classNames: fc.array(text, { minLength: k, maxLength: k }),
      normalisation: fc.record({
        mean: fc.array(number, { minLength: c, maxLength: c }),
        std: fc.array(fc.double({ min: 1e-6, max: 10, noNaN: true }), { minLength: c, maxLength: c }),
      }),
      dataset: text,
      dataChecksum: fc.stringMatching(/^[0-9a-f]{64}$/),
      models: text,
      modelOptions: fc.dictionary(word, fc.oneof(text, number, fc.boolean())),
      init: fc.record({ kind: text, mu: number, sigma: number }),
      temperature: fc.oneof(number, fc.dictionary(word, number)),
      seed: fc.integer().map(seed => seed + 0),
      createdBy: text,
    };
    const sometimes = {
      decay: floats(sizeOf(paceShape)),
      architectures,
      attack: fc.record({ from: text, to: text }),
      loss: fc.constantFrom('cross-entropy' as const, 'squared' as const),
      accuracy: fc.record({ mean: number, std: number, nets: axis, protocol: text }),
    };
    return fc
      .tuple(fc.record(always), fc.record(sometimes, { requiredKeys: [] }))
      .map(([must, may]) => ({ ...must, ...may }));
  },
);
