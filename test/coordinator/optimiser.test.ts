import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialMoments, type Moments, norm, scheduled, update } from '../../src/coordinator/optimiser.ts';

const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });

/** Parameters after each of `gradients`. */
function path(
  optimizer: 'adam' | 'sgd',
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  lr: number,
  clip = 0,
): number[][] {
  let parameters: Float32Array = Float32Array.from(start);
  let moments = initialMoments(optimizer, start.length);
  return gradients.map((g, step) => {
    ({ parameters, moments } = update(
      parameters,
      Float64Array.from(g),
      moments,
      { optimizer, lr, clip },
      step,
    ));
    return [...parameters];
  });
}

describe('adam', () => {
  test('two steps, computed by hand', () => {
    // g = 1: m̂ = 1, v̂ = 1, so θ moves by lr. g = −2: m = 0.9·0.1 − 0.1·2 = −0.11, m̂ = −0.11/0.19;
    // v = 0.999·0.001 + 0.001·4 = 0.004999, v̂ = 0.004999/0.001999.
    const [first, second] = path('adam', [1], [[1], [-2]], 0.1);
    expect(first![0]).toBeCloseTo(0.9, 7);
    expect(second![0]).toBeCloseTo(0.9 + (0.1 * (0.11 / 0.19)) / Math.sqrt(0.004999 / 0.001999), 6);
  });

  test('a step is at most about lr long, whatever the size of the gradient, and against its sign', () =>
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), fc.constantFrom(1, -1), (size, sign) => {
        expect(path('adam', [0], [[sign * size]], 0.01)[0]![0]).toBeCloseTo(-0.01 * sign, 5);
      }),
    ));

  test('no gradient, no movement', () => {
    expect(
      path(
        'adam',
        [1, 2],
        [
          [0, 0],
          [0, 0],
        ],
        0.1,
      ),
    ).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

test('sgd: θ − lr·g, without moments', () =>
  fc.assert(
    fc.property(numbers, numbers, (start, g) => {
      const theta = Float32Array.from(start);
      expect(path('sgd', start, [g], 0.5)[0]).toEqual(
        [...theta].map((value, i) => Math.fround(value - 0.5 * g[i]!)),
      );
      expect(initialMoments('sgd', 3).first).toHaveLength(0);
    }),
  ));

test.each(['adam', 'sgd'] as const)('%s replaces, and changes nothing that it is given', optimizer => {
  const rule = { optimizer, lr: 0.1, clip: 2 };
  const given = {
    parameters: Float32Array.of(1, 2),
    gradient: Float64Array.of(3, 4),
    moments: initialMoments(optimizer, 2),
  };
  const before = structuredClone(given);
  const { parameters, moments } = update(given.parameters, given.gradient, given.moments, rule, 7);
  expect(given).toEqual(before);
  expect(parameters).not.toBe(given.parameters);
  const again: Moments = structuredClone(moments);
  update(parameters, given.gradient, moments, rule, 8);
  expect(moments).toEqual(again);
});

describe('clipping', () => {
  test('a gradient of at most clip times the usual norm is used whole, a longer one is cut to that', () => {
    const [first, second, third] = path('sgd', [0], [[1], [2], [100]], 1, 2);
    expect(first![0]).toBe(-1); // the first gradient makes the usual norm: 1
    expect(second![0]! - first![0]!).toBe(-2); // 2 is just allowed; usual 0.9·1 + 0.1·2 = 1.1
    expect(third![0]! - second![0]!).toBeCloseTo(-2.2, 6);
  });

  test('0 cuts nothing', () => {
    expect(path('sgd', [0], [[1], [100]], 1, 0)[1]![0]).toBe(-101);
  });
});

test('norm is Euclidean', () => {
  expect(norm(Float64Array.of(3, -4, 12))).toBe(13);
});

describe('the outer step size over the run', () => {
  test.each([
    ['constant', 0, 1],
    ['constant', 99, 1],
    ['cosine', 0, 1],
    ['cosine', 25, (1 + Math.SQRT1_2) / 2],
    ['cosine', 50, 0.5],
    ['cosine', 100, 0],
  ] as const)('%s, step %i of 100: %d of it', (schedule, step, share) => {
    expect(scheduled(schedule, step, 100)).toBeCloseTo(share, 12);
  });
});
