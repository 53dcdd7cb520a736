import { describe, expect, test } from 'vitest';
import {
  add,
  exp,
  type Graph,
  input,
  matmul,
  passes,
  print,
  scan,
  sub,
  sumAll,
  type Tensor,
  tanh,
} from '../../../src/shared/graph/index.ts';

const w = input('w', [6, 2]);
const x = input('x', [3, 6]);
const delta = input('delta', [3, 2]);
const eta = input('eta', []);

const of = (...outputs: Tensor[]): Graph => ({ inputs: [w, x, delta, eta], outputs });

describe('loops', () => {
  const loop = (length: number, body: (carried: Tensor) => Tensor): Tensor =>
    scan({ length, init: [w] }, ([carried]) => ({ carried: [body(carried!)] })).carried[0]!;

  test('what two loops compute from outside values is computed once, outside', () => {
    const graph = of(
      loop(3, c => add(c, matmul(exp(x), delta, { transposeA: true }))),
      loop(4, c => sub(c, matmul(exp(x), delta, { transposeA: true }))),
    );
    const text = print(passes.common(graph));
    expect(print(graph).match(/exp/g)).toHaveLength(2);
    expect(text.match(/exp/g)).toHaveLength(1);
    expect(text.match(/matmul/g)).toHaveLength(1);
    expect(text).toMatch(/^t\d+ .* = exp\(x\)$/m); // not indented
  });

  test('results, carried values and slices that nobody reads are gone', () => {
    const { carried } = scan({ length: 3, init: [w, eta], scanned: [x, delta] }, ([a, b], [row]) => ({
      carried: [add(a!, sumAll(row!)), exp(b!)],
      stacked: [tanh(a!)],
    }));
    expect(print(passes.dead({ inputs: [w, eta, x, delta], outputs: [carried[0]!] }))).toBe(
      `
w (6, 2) = input
eta () = input
x (3, 6) = input
delta (3, 2) = input
loop0 = scan 3 (w, x)
  carried0 (6, 2) = input
  slice0 (6) = input
  t2 (1) = sum(slice0, axes=[0])
  t3 () = reshape(t2, shape=[])
  t4 (6, 2) = add(carried0, t3)
  → t4
t4 (6, 2) = loop0[0]
→ t4`.trim(),
    );
  });

  test('a carried value that only another, unread one needs is gone too', () => {
    const { carried } = scan({ length: 3, init: [w, eta, eta] }, ([a, b, c]) => ({
      carried: [tanh(a!), add(b!, c!), exp(c!)],
    }));
    const text = print(passes.dead(of(carried[0]!)));
    expect(text).not.toContain('carried1');
    expect(print(passes.dead(of(carried[1]!)))).toContain('carried1');
  });
});
