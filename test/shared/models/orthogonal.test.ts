import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildNet, drawWeights, models } from '../../../src/shared/models/index.ts';
import { orthogonal } from '../../../src/shared/models/orthogonal.ts';
import { stream } from '../../../src/shared/random/index.ts';

const sizes = { kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 };
const net = buildNet('conv', models.conv.layers(sizes, 10), [28, 28, 1]);
const flat = drawWeights(net, { kind: 'orthogonal', mu: 0, sigma: 0 }, stream(1, 'weights'));

describe('orthogonal (Saxe et al. 2014)', () => {
  /** Largest deviation of QᵀQ, or of QQᵀ where there are fewer rows than columns, from the unit matrix. */
  function deviation(q: ArrayLike<number>, rows: number, columns: number): number {
    const count = Math.min(rows, columns);
    const [line, step] = rows < columns ? [columns, 1] : [1, columns];
    let largest = 0;
    for (let a = 0; a < count; a++)
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let n = 0; n < Math.max(rows, columns); n++)
          product += q[a * line + n * step]! * q[b * line + n * step]!;
        largest = Math.max(largest, Math.abs(product - +(a === b)));
      }
    return largest;
  }

  test('the shorter side of a matrix is orthonormal', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 1, max: 24 }),
        fc.nat(),
        (rows, columns, seed) => {
          const q = orthogonal(rows, columns, stream(seed, 'weights'));
          expect(deviation(q, rows, columns)).toBeLessThan(1e-13);
        },
      ),
      { numRuns: 300 },
    ));

  test.each(net.weights.filter(({ role }) => role === 'kernel'))(
    '$name is so as a matrix from the fan-in to the outputs',
    ({ offset, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const outputs = shape.at(-1)!;
      expect(deviation(flat.subarray(offset, offset + size), size / outputs, outputs)).toBeLessThan(1e-6);
    },
  );

  test('no direction is favoured: elements have mean 0 and variance 1/n, signs turn up equally often', () => {
    const random = stream(1, 'weights');
    const drawnOnes = Array.from({ length: 4000 }, () => orthogonal(3, 3, random));
    for (let at = 0; at < 9; at++) {
      const values = drawnOnes.map(q => q[at]!);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const spread = Math.sqrt(values.reduce((a, b) => a + b * b, 0) / values.length);
      expect(Math.abs(mean)).toBeLessThan(0.04);
      expect(Math.abs(spread - Math.sqrt(1 / 3))).toBeLessThan(0.02);
    }
  });
});
