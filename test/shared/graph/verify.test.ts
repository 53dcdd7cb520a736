import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Apply,
  add,
  concat,
  constant,
  expand,
  fold,
  gemm,
  type Item,
  input,
  logSoftmax,
  matmul,
  max,
  pad,
  patches,
  print,
  reshape,
  scan,
  slice,
  sum,
  type Tensor,
  transpose,
  verify,
} from '../../../src/shared/graph/index.ts';
import { programs } from './programs.ts';

const a = input('a', [2, 3]);
const b = input('b', [2, 4]);
const maps = input('maps', [1, 4, 4, 2]);
const once = { size: [2, 2], stride: [1, 1] } as const;

describe('an illegal node does not exist', () => {
  test.each<[() => Tensor, string]>([
    [() => add(a, b), 'add: shapes (2, 3) and (2, 4) do not broadcast'],
    [() => matmul(a, b), 'matmul: (2, 3) · (2, 4) is no product of matrices'],
    [() => matmul(a, b, { transposeB: true }), 'matmul: (2, 3) · (2, 4)ᵀ is no product of matrices'],
    [() => matmul(maps, a), 'matmul: (1, 4, 4, 2) · (2, 3) is no product of matrices'],
    [
      () => gemm(a, b, a, { transposeA: true, transposeB: false, alpha: 1 }),
      'gemm: addend (2, 3) does not broadcast to (3, 4)',
    ],
    [() => sum(a, [2]), 'sum: axis 2 is not one of (2, 3)'],
    [() => max(a, [-1]), 'max: axis -1 is not one of (2, 3)'],
    [() => expand(a, [2, 4]), 'expand: (2, 3) does not broadcast to (2, 4)'],
    [() => expand(a, [3]), 'expand: (2, 3) does not broadcast to (3)'],
    [() => reshape(a, [4]), 'reshape: (2, 3) has 6 elements, (4) 4'],
    [() => transpose(a, [0, 0]), 'transpose: (0,0) is no permutation of the axes of (2, 3)'],
    [() => slice(a, [0, 2], [2, 2]), 'slice: a block of (2,2) at (0,2) is not inside (2, 3)'],
    [() => pad(a, [0, -1], [0, 0]), 'pad: (0,-1) and (0,0) are no borders for (2, 3)'],
    [() => concat([a, b], 0), 'concat: (2, 3) and (2, 4) differ outside axis 0'],
    [() => concat([], 0), 'concat: needs at least one tensor'],
    [() => logSoftmax(input('s', [])), 'logSoftmax: needs an axis, got a scalar'],
    [() => patches(a, once), 'patches: needs maps (C, H, W, B), got (2, 3)'],
    [
      () => patches(maps, { size: [5, 1], stride: [1, 1] }),
      'patches: a 5×1 window is not inside (1, 4, 4, 2)',
    ],
    [
      () => fold(maps, { ...once, height: 5, width: 5 }),
      'fold: (1, 4, 4, 2) are not the 2×2 windows of 5×5 maps',
    ],
    [() => constant([1, 2], [3]), 'constant of shape (3) got 2 values'],
  ])('%#: %s', (build, message) => {
    expect(build).toThrow(message);
    expect(build).toThrow(RangeError);
  });
});

describe('verify', () => {
  test('passes every graph that was built', () =>
    fc.assert(fc.property(programs(), graph => void expect(verify(graph)).toBe(graph))));

  const { carried, stacked } = scan({ length: 2, init: [a], scanned: [b] }, ([c], [row]) => ({
    carried: [c!],
    stacked: [row!],
  }));
  const last = carried[0]!;
  const altered = (change: Partial<Item['scan']>): Item => ({ ...last, scan: { ...last.scan, ...change } });

  test.each<[string, Tensor, string]>([
    ['an unbound input', maps, 'input maps (1, 4, 4, 2) is unbound'],
    [
      'a node of another shape',
      { ...(add(a, a) as Apply<'add'>), shape: [3] },
      'add says (2, 3), its node (3)',
    ],
    [
      'a result of another shape',
      { ...stacked[0]!, shape: [4] },
      'result 1 of a scan has (2, 4), its node (4)',
    ],
    ['a missing operand', altered({ init: [] }), 'a scan gives its body 1 values, it takes 2'],
    ['an operand of another shape', altered({ init: [b] }), 'a scan gives (2, 4) for carried0 (2, 3)'],
    ['another length', altered({ length: 3 }), 'a scan of length 3 has a scanned tensor of another length'],
    [
      'a carried value that changes',
      altered({ body: { ...last.scan.body, outputs: [b] } }),
      'a carried value changes its shape',
    ],
    [
      'a body with an unbound input',
      altered({ body: { ...last.scan.body, outputs: [input('lost', [2, 3])] } }),
      'input lost (2, 3) is unbound',
    ],
  ])('names %s, and prints the graph', (_, output, fault) => {
    const graph = { inputs: [a, b], outputs: [output] };
    expect(() => verify(graph)).toThrow(`illegal graph: ${fault}\n`);
    if (!fault.includes('lost')) expect(() => verify(graph)).toThrow(print(graph));
  });
});
