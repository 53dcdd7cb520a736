import { describe, expect, test } from 'vitest';
import {
  add,
  evaluate,
  exp,
  input,
  mul,
  print,
  scalar,
  scan,
  substitute,
  type Tensor,
  tanh,
} from '../../../src/shared/graph/index.ts';

const start = input('start', [2]);
const rows = input('rows', [3, 2]);
const outside = input('outside', [2]);

/** c ← 10·c + row; stacks what c was before, and the rows doubled. */
function digits(reverse: boolean): Float64Array[] {
  const { carried, stacked } = scan({ length: 3, reverse, init: [start], scanned: [rows] }, ([c], [row]) => ({
    carried: [add(mul(scalar(10), c!), row!)],
    stacked: [c!, mul(scalar(2), row!)],
  }));
  const graph = { inputs: [start, rows], outputs: [...carried, ...stacked] };
  return evaluate(graph, [Float64Array.of(7, 8), Float64Array.of(1, 2, 3, 4, 5, 6)]);
}

describe('iterations', () => {
  test('run from the first slice to the last', () => {
    expect(digits(false)).toEqual([
      Float64Array.of(7135, 8246),
      Float64Array.of(7, 8, 71, 82, 713, 824),
      Float64Array.of(2, 4, 6, 8, 10, 12),
    ]);
  });

  test('run from the last slice to the first when reversed; stacks keep the order of the slices', () => {
    expect(digits(true)).toEqual([
      Float64Array.of(7531, 8642),
      Float64Array.of(753, 864, 75, 86, 7, 8),
      Float64Array.of(2, 4, 6, 8, 10, 12),
    ]);
  });
});

describe('a body', () => {
  test('keeps only what depends on its own variables: the rest is computed once, before the loop', () => {
    const { carried } = scan({ length: 3, init: [start] }, ([c]) => ({
      carried: [add(c!, tanh(exp(outside)))],
    }));
    expect(print({ inputs: [start, outside], outputs: carried })).toBe(
      `
start (2) = input
outside (2) = input
t2 (2) = exp(outside)
t3 (2) = tanh(t2)
loop0 = scan 3 (t3, start)
  captured0 (2) = input
  carried0 (2) = input
  t2 (2) = add(carried0, captured0)
  → t2
t4 (2) = loop0[0]
→ t4`.trim(),
    );
  });

  test('may give an outside value, or a constant, as it is', () => {
    const { carried, stacked } = scan({ length: 2, init: [start] }, () => ({
      carried: [outside],
      stacked: [scalar(3)],
    }));
    const graph = { inputs: [start, outside], outputs: [...carried, ...stacked] };
    expect(evaluate(graph, [Float64Array.of(0, 0), Float64Array.of(1, 2)])).toEqual([
      Float64Array.of(1, 2),
      Float64Array.of(3, 3),
    ]);
  });

  test('of a loop in a loop sees the outer variables', () => {
    const { carried } = scan({ length: 2, init: [start] }, ([c]) => ({
      carried: scan({ length: 3, init: [c!] }, ([d]) => ({ carried: [add(d!, c!)] })).carried,
    }));
    const [result] = evaluate({ inputs: [start], outputs: carried }, [Float64Array.of(1, 2)]);
    expect(result).toEqual(Float64Array.of(16, 32)); // each outer iteration quadruples
  });
});

test('substitute renews what depends on a replaced tensor, one new loop for all its results, and keeps the rest', () => {
  const kept = exp(outside);
  const { carried, stacked } = scan({ length: 2, init: [start] }, ([c]) => ({
    carried: [add(c!, kept)],
    stacked: [c!],
  }));
  const [a, b, same] = substitute(
    [carried[0]!, stacked[0]!, kept],
    new Map<Tensor, Tensor>([[start, outside]]),
  );
  expect(same).toBe(kept);
  expect(a?.kind === 'item' && b?.kind === 'item' && a.scan === b.scan).toBe(true);
  expect(evaluate({ inputs: [outside], outputs: [b!] }, [Float64Array.of(0, 1)])).toEqual([
    Float64Array.of(0, 1, 1, 1 + Math.E),
  ]);
});

describe('refused', () => {
  test('a scanned tensor of another length', () => {
    expect(() => scan({ length: 4, init: [start], scanned: [rows] }, carried => ({ carried }))).toThrow(
      'scan: (3, 2) has not 4 slices',
    );
  });

  test('a carried value that is lost', () => {
    expect(() => scan({ length: 3, init: [start, start] }, ([c]) => ({ carried: [c!] }))).toThrow(
      'scan: 2 carried values go in, 1 come out',
    );
  });

  test('a carried value that changes its shape', () => {
    expect(() => scan({ length: 3, init: [start] }, () => ({ carried: [rows] }))).toThrow(
      'scan: carried value 0 goes from (2) to (3, 2)',
    );
  });
});
