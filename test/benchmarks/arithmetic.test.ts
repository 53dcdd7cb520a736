import { expect, test } from 'vitest';
import { productFlop } from '../../benchmarks/arithmetic.ts';
import { add, gemm, input, matmul, optimise, scan } from '../../src/shared/graph/index.ts';

const a = input('a', [3, 4]);
const b = input('b', [4, 5]);

test('a product of (m, k) and (k, n) is 2·m·n·k, used once or twice, transposed or not', () => {
  const product = matmul(a, b);
  const flop = 2 * 3 * 5 * 4;
  expect(productFlop({ inputs: [a, b], outputs: [product] })).toBe(flop);
  expect(productFlop({ inputs: [a, b], outputs: [product, add(product, product)] })).toBe(flop);
  const [left, right] = [input('left', [4, 3]), input('right', [5, 4])];
  const turned = matmul(left, right, { transposeA: true, transposeB: true });
  expect(productFlop({ inputs: [left, right], outputs: [turned] })).toBe(flop);
});

test('one with an addend is as much; elementwise work is none', () => {
  const c = input('c', [3, 5]);
  const fused = gemm(a, b, c, { transposeA: false, transposeB: false, alpha: 2 });
  expect(productFlop({ inputs: [a, b, c], outputs: [add(fused, c)] })).toBe(2 * 3 * 5 * 4);
});

test('loops count as often as they run, loops in loops too, whatever the number of their results', () => {
  const square = input('square', [3, 3]);
  const { carried, stacked } = scan({ length: 7, init: [square] }, ([x]) => {
    const inner = scan({ length: 2, init: [x!] }, ([y]) => ({ carried: [matmul(y!, square)] }));
    return { carried: [matmul(inner.carried[0]!, x!)], stacked: [inner.carried[0]!] };
  });
  const graph = { inputs: [square], outputs: [carried[0]!, stacked[0]!] };
  const each = 2 * 3 * 3 * 3;
  expect(productFlop(graph)).toBe(7 * (2 * each + each));
  expect(productFlop(optimise(graph))).toBe(7 * (2 * each + each));
});
