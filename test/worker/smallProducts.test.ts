/** Products of a few rows and columns: right, and the same bytes as those in panels. */
import { expect, test } from 'vitest';
import { gemm, input, matmul } from '../../src/shared/graph/index.ts';
import { addon } from '../../src/worker/engines/native/addon.ts';
import { nativeOn, planned } from '../../src/worker/engines/native/index.ts';
import { drawInputs } from '../shared/graph/values.ts';
import { expectRight } from './everySet.ts';

const sizes: readonly (readonly [m: number, n: number, k: number])[] = [
  [10, 10, 10],
  [1, 1, 1],
  [7, 8, 3],
  [6, 16, 40],
  [13, 17, 11], // more columns than one vector has
  [5, 32, 20],
  [9, 20, 9], // in panels with AVX2
];

const sides = [false, true].flatMap(transposeA =>
  [false, true].map(transposeB => ({ transposeA, transposeB })),
);

test.each(sizes)('%i × %i over %i, with whatever is added', async (m, n, k) => {
  for (const options of sides) {
    const a = input('a', options.transposeA ? [k, m] : [m, k]);
    const b = input('b', options.transposeB ? [n, k] : [k, n]);
    for (const shape of [[m, n], [n], [m, 1], []]) {
      const c = input('c', shape);
      const graph = { inputs: [a, b, c], outputs: [gemm(a, b, c, { ...options, alpha: -1 })] };
      await expectRight(graph, 3, 1e-5);
    }
    await expectRight({ inputs: [a, b], outputs: [matmul(a, b, options)] }, 3, 1e-5);
  }
});

test('the same bytes, however many columns a vector has', async () => {
  for (const [m, n, k] of sizes)
    for (const options of sides) {
      const a = input('a', options.transposeA ? [k, m] : [m, k]);
      const b = input('b', options.transposeB ? [n, k] : [k, n]);
      const graph = { inputs: [a, b], outputs: [matmul(a, b, options)] };
      const values = drawInputs(graph, 7).map(v => Float32Array.from(v));
      const [best, ...others] = await Promise.all(
        addon.instructionSets().map(async set => (await nativeOn(set).compile(graph)).run(values)),
      );
      for (const other of others) expect(other).toEqual(best);
    }
});

test('a result that the last instruction makes is not copied to the output', () => {
  const [a, b] = [input('a', [4, 5]), input('b', [5, 6])];
  const kinds = planned({ inputs: [a, b], outputs: [matmul(a, b)] }).instructions.map(({ kind }) => kind);
  expect(kinds).toEqual(['product']);
});
