import { describe, expect, test } from 'vitest';
import {
  add,
  constant,
  evaluate,
  input,
  matmul,
  mul,
  print,
  scalar,
  scan,
  sub,
  sumAll,
  tanh,
} from '../../../src/shared/graph/index.ts';

test('a graph prints itself: a line per node with its name and shape, bodies of loops indented', () => {
  const x = input('x', [2, 3]);
  const w = input('w', [3, 3]);
  const v = input('unbound', [3]);
  const many = constant([1, 2, 3, 4, 5, 6], [2, 3]);
  const { carried, stacked } = scan({ length: 2, reverse: true, init: [w], scanned: [x] }, ([c], [row]) => ({
    carried: [sub(c!, mul(scalar(0.1), row!))],
    stacked: [sumAll(tanh(c!))],
  }));
  const y = add(matmul(many, carried[0]!, { transposeB: true }), v);
  expect(print({ inputs: [x, w], outputs: [y, stacked[0]!] })).toBe(
    `
x (2, 3) = input
w (3, 3) = input
t2 (2, 3) = constant [1, 2, 3, 4, …]
loop0 = scan 2 reverse (w, x)
  carried0 (3, 3) = input
  slice0 (3) = input
  t3 (3) = mul(0.1, slice0)
  t4 (3, 3) = sub(carried0, t3)
  t5 (3, 3) = tanh(carried0)
  t6 (1, 1) = sum(t5, axes=[0,1])
  t7 () = reshape(t6, shape=[])
  → t4, t7
t3 (3, 3) = loop0[0]
t4 (2, 3) = matmul(t2, t3, transposeA=false, transposeB=true)
t5 (3) = unbound input
t6 (2, 3) = add(t4, t5)
t7 (2) = loop0[1]
→ t6, t7`.trim(),
  );
});

describe('evaluate names', () => {
  const x = input('x', [2]);
  const y = input('y', [2]);

  test('an unbound input', () => {
    expect(() => evaluate({ inputs: [x], outputs: [add(x, y)] }, [Float64Array.of(1, 2)])).toThrow(
      "input y is not among the graph's inputs",
    );
  });

  test('an input with a wrong number of values, or none', () => {
    const graph = { inputs: [x, y], outputs: [x] };
    expect(() => evaluate(graph, [Float64Array.of(1)])).toThrow('input x: expected 2 values, got 1');
    expect(() => evaluate(graph, [Float64Array.of(1, 2)])).toThrow('input y: expected 2 values, got none');
  });
});
