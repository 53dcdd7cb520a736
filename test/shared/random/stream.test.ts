import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Purpose,
  permutation,
  purposes,
  type Stream,
  stream,
} from '../../../src/shared/random/index.ts';

const four = (random: Stream): string => [1, 2, 3, 4].map(() => random.bits()).join();
const name = fc.record({
  seed: fc.oneof(fc.nat(3), fc.maxSafeNat()),
  purpose: fc.constantFrom(...(Object.keys(purposes) as Purpose[])),
  step: fc.oneof(fc.nat(3), fc.nat(2 ** 32 - 1)),
  member: fc.oneof(fc.nat(3), fc.nat(2 ** 32 - 1)),
});
type Name = typeof name extends fc.Arbitrary<infer T> ? T : never;
const named = ({ seed, purpose, step, member }: Name): Stream => stream(seed, purpose, step, member);

describe('a stream is a function of its name', () => {
  test('the same name gives the same numbers, whatever else is drawn meanwhile', () =>
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [first, other, again] = [named(a), named(b), named(a)];
        for (let i = 0; i < 20; i++) {
          other.normal();
          expect(again.normal()).toBe(first.normal());
        }
      }),
    ));

  test('names that differ in seed, purpose, step or member give other numbers', () =>
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(four(named(a))).not.toBe(four(named(b)));
      }),
    ));

  test.each<[string, Partial<Name>]>([
    ['seed', { seed: 2 }],
    ['seed, in its upper bits', { seed: 1 + 2 ** 32 }],
    ['purpose', { purpose: 'images' }],
    ['step', { step: 1 }],
    ['member', { member: 1 }],
  ])('another %s is enough', (_, change) => {
    const one: Name = { seed: 1, purpose: 'weights', step: 0, member: 0 };
    expect(four(named({ ...one, ...change }))).not.toBe(four(named(one)));
  });

  test('no two purposes share a number: it is part of every result', () => {
    expect(purposes).toEqual({
      weights: 1,
      batch: 2,
      images: 3,
      split: 4,
      validationWeights: 5,
      testWeights: 6,
      pool: 7,
      innerBatch: 8,
      judgedInnerBatch: 9,
      pretrainWeights: 20,
      pretrainBatch: 21,
      recipeBatch: 22,
      fullBatch: 23,
      baselineDraw: 24,
      kMeans: 25,
      testPart: 30,
    });
    expect(new Set(Object.values(purposes)).size).toBe(Object.keys(purposes).length);
  });
});

describe('golden values: these numbers are part of every published result', () => {
  test('bits', () => {
    const random = stream(1, 'weights');
    expect([1, 2, 3, 4].map(() => random.bits())).toEqual([2873256772, 2731389934, 329144681, 3002831025]);
  });

  test('normal: in a layer, at its edge and in the tail', () => {
    const random = stream(1, 'weights', 5, 2);
    expect([1, 2, 3, 4].map(() => random.normal())).toEqual([
      -0.10543624876616031, -0.7817934092925984, 1.5843292409422347, 0.9958093163550485,
    ]);
    let total = 0;
    for (let i = 0; i < 100_000; i++) total += random.normal();
    expect(total).toBe(122.55757467961128);
  });

  test('permutation', () => {
    expect([...permutation(12, stream(2 ** 40, 'batch', 3))]).toEqual([8, 2, 3, 4, 11, 7, 5, 10, 6, 0, 1, 9]);
  });
});

describe('permutation', () => {
  test('is one: each of 0 … n−1 once', () =>
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), (n, seed) => {
        const order = permutation(n, stream(seed, 'split'));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    ));
});

test('below gives integers below its bound, for any bound', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (n, seed) => {
      const random = stream(seed, 'batch');
      for (let i = 0; i < 10; i++) {
        const x = random.below(n);
        expect(Number.isInteger(x) && x >= 0 && x < n).toBe(true);
      }
    }),
  ));

test('fills with the numbers that uniform gives, and goes on behind them', () => {
  const [filled, drawn] = [stream(7, 'weights', 3, 1), stream(7, 'weights', 3, 1)];
  const out = new Float32Array(1000);
  filled.fillSymmetric(out, 0.3);
  expect(out).toEqual(Float32Array.from({ length: 1000 }, () => 0.3 * (2 * drawn.uniform() - 1)));
  expect(filled.bits()).toBe(drawn.bits());
});
