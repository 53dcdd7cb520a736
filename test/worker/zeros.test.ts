import { describe, expect, test } from 'vitest';
import {
  constant,
  evaluate,
  type Graph,
  gradient,
  input,
  matmul,
  mul,
  reshape,
  scan,
  sum,
  sumAll,
  type Tensor,
  tanh,
  transpose,
} from '../../src/shared/graph/index.ts';
import { addon } from '../../src/worker/engines/native/addon.ts';
import { nativeOn, planned } from '../../src/worker/engines/native/index.ts';
import type { Instruction, Product } from '../../src/worker/engines/native/instructions.ts';
import { Needs } from '../../src/worker/engines/native/needs.ts';
import { partsByNeeds, partsByZeros } from '../../src/worker/engines/native/parts.ts';
import { Zeros } from '../../src/worker/engines/native/zeros.ts';
import { drawInputs, expectClose } from '../shared/graph/values.ts';

const ones = (n: number): number[] => new Array<number>(n).fill(1);

/** Places 2 rows into 3, the middle one of which stays zero. */
const spread = constant([1, 0, 0, 0, 0, 1], [3, 2]);

describe('zeros', () => {
  const x = input('x', [2, 2]);
  const placed = matmul(spread, x);

  test('are those of constants and of what is made of them', () => {
    const zeros = new Zeros();
    expect(zeros.of(x)).toBeUndefined();
    expect(zeros.of(constant(ones(2), [2]))).toBeUndefined();
    expect([...zeros.of(placed)!]).toEqual([1, 1, 0, 0, 1, 1]);
    expect([...zeros.of(transpose(placed, [1, 0]))!]).toEqual([1, 0, 1, 1, 0, 1]);
    expect([...zeros.of(sum(placed, [1]))!]).toEqual([1, 0, 1]);
    expect(zeros.of(matmul(placed, x, { transposeA: false }))).toEqual(zeros.of(placed));
    expect(zeros.of(tanh(placed))).toBeUndefined();
  });

  test('are known inside loops: of what is captured, and of what an earlier loop has stacked', () => {
    const first = scan({ length: 2, init: [x] }, ([carried]) => {
      const own = matmul(spread, carried!);
      return { carried: [mul(carried!, sumAll(own))], stacked: [own] };
    });
    const second = scan({ length: 2, init: [x], scanned: first.stacked }, ([carried], [slice]) => ({
      carried: [mul(carried!, sumAll(mul(slice!, placed)))],
    }));
    const node = (second.carried[0] as { scan: Parameters<Zeros['within']>[0] }).scan;
    const { inputs } = node.body;
    const zeros = new Zeros().within(node);
    const byName = (name: string) => inputs.filter(t => t.name.startsWith(name)).map(t => zeros.of(t));
    expect(byName('captured')).toEqual([Float64Array.from([1, 1, 0, 0, 1, 1])]);
    expect(byName('slice')).toEqual([Float64Array.from([1, 1, 0, 0, 1, 1])]);
    expect(byName('carried')).toEqual([undefined]);
  });
});

describe('needs', () => {
  const x = input('x', [3, 2]);
  const needs = (readers: readonly Tensor[] | undefined) =>
    new Needs(t => (t === x ? readers : t.kind === 'apply' ? undefined : []), new Zeros()).of(x);

  test('leave out what readers multiply by zero', () => {
    const read = matmul(spread, x, { transposeA: true });
    expect([...needs([read])!]).toEqual([1, 1, 0, 0, 1, 1]);
    expect([...needs([read, mul(x, constant([0, 0, 0, 1, 0, 0], [3, 2]))])!]).toEqual([1, 1, 0, 1, 1, 1]);
  });

  test('are everything where a reader may see more, and of results', () => {
    const read = matmul(spread, x, { transposeA: true });
    expect(needs([read, tanh(x)])).toBeUndefined();
    expect(needs(undefined)).toBeUndefined();
  });
});

describe('parts', () => {
  /** Two kinds of rows: the first half has the first columns, the other one the rest. */
  const halves = (rows: number, columns: number): Float64Array =>
    Float64Array.from(
      { length: rows * columns },
      (_, n) => +(Math.floor(n / columns) < rows / 2 === n % columns < columns / 2),
    );
  const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  test('gather rows with the same zeros, where that pays', () => {
    expect(partsByZeros(halves(16, 40), 40)).toEqual([
      { rows: upTo(0, 8), depths: upTo(0, 20) },
      { rows: upTo(8, 16), depths: upTo(20, 40) },
    ]);
    expect(partsByZeros(halves(2, 4), 4)).toBeUndefined();
  });

  test('a row with more zeros than others is computed with them', () => {
    const mask = halves(16, 40);
    expect(partsByZeros(mask.slice().fill(0, 8, 40), 40)).toEqual(partsByZeros(mask, 40));
  });

  test('rows of which nothing is needed are left out; short runs of columns are not worth a panel', () => {
    const mask = new Float64Array(32 * 32).fill(1, 0, 16 * 32);
    expect(partsByNeeds(mask, 32, false)).toEqual([{ rows: upTo(0, 16), columns: upTo(0, 32) }]);
    const stripes = Float64Array.from({ length: 32 * 32 }, (_, n) => n % 2);
    expect(partsByNeeds(stripes, 32, false)).toBeUndefined();
    expect(partsByNeeds(stripes, 32, true)).toHaveLength(1);
  });
});

/** A kernel (9·c, f) at 2×2 places of a window of 4×4 pixels: (16·c, 4·f). */
function atPhases(kernel: Tensor, channels: number, filters: number): Tensor {
  const place = new Float64Array(4 * 16 * 9);
  for (let n = 0; n < 4 * 9; n++) {
    const [phase, tap] = [Math.floor(n / 9), n % 9];
    const [row, column] = [(phase >> 1) + Math.floor(tap / 3), (phase & 1) + (tap % 3)];
    place[(phase * 16 + row * 4 + column) * 9 + tap] = 1;
  }
  const placed = matmul(constant(place, [64, 9]), reshape(kernel, [9, channels * filters]));
  const byWindow = transpose(reshape(placed, [4, 16, channels, filters]), [1, 2, 0, 3]);
  return reshape(byWindow, [16 * channels, 4 * filters]);
}

const convolution = (channels: number, filters: number, pixels: number): Graph => {
  const kernel = input('kernel', [9 * channels, filters]);
  const windows = input('windows', [16 * channels, pixels]);
  const y = tanh(matmul(atPhases(kernel, channels, filters), windows, { transposeA: true }));
  return { inputs: [kernel, windows], outputs: [y, ...gradient(sumAll(mul(y, y)), [kernel, windows])] };
};

const products = (graph: Graph): Product[] =>
  planned(graph).instructions.filter((i: Instruction): i is Product => i.kind === 'product');

describe('products in parts', () => {
  test.each([
    { channels: 1, filters: 16, pixels: 600 },
    { channels: 6, filters: 8, pixels: 70 },
    { channels: 30, filters: 4, pixels: 33 }, // k is deeper than a panel
  ])('are right: $channels channels, $filters filters, $pixels pixels', async sizes => {
    const graph = convolution(sizes.channels, sizes.filters, sizes.pixels);
    const cut = products(graph).filter(({ parts }) => parts !== undefined);
    expect(cut.length).toBeGreaterThanOrEqual(3);
    const values = drawInputs(graph, 5).map(v => Float32Array.from(v));
    const exact = evaluate(
      graph,
      values.map(v => Float64Array.from(v)),
    );
    const all = [];
    for (const set of addon.instructionSets()) {
      const compiled = await nativeOn(set).compile(graph);
      await compiled.run(values.map(v => v.map(() => Number.NaN))); // what it leaves behind must not matter
      const results = await compiled.run(values);
      expectClose(results, exact, 1e-4, set);
      all.push(results);
    }
    for (const other of all) expect(other).toEqual(all[0]);
  });

  test('what is not computed is zero, not what lay there before', async () => {
    const [a, b, c] = [input('a', [40, 8]), input('b', [8, 48]), input('c', [8, 48])];
    const before = sumAll(tanh(matmul(a, c))); // infinite products, in a buffer that is free afterwards
    const left = constant(
      Float64Array.from({ length: 48 * 24 }, (_, n) => +(Math.floor(n / 24) === n % 24)),
      [48, 24],
    );
    const graph = { inputs: [a, b, c], outputs: [matmul(matmul(a, mul(b, before)), left)] };
    const cut = products(graph).filter(({ parts }) => parts?.some(({ columns }) => columns?.length === 24));
    expect(cut).toHaveLength(1);
    const values = [40 * 8, 8 * 48].map(size => Float32Array.from(ones(size)));
    for (const set of addon.instructionSets()) {
      const compiled = await nativeOn(set).compile(graph);
      const [result] = await compiled.run([...values, new Float32Array(8 * 48).fill(Infinity)]);
      expect(new Set(result)).toEqual(new Set([8 * 40 * 48]));
    }
  });

  test('what no one needs is not computed: it may be infinite', async () => {
    const [a, b] = [input('a', [48, 8]), input('b', [8, 40])];
    const chosen = constant(
      Float64Array.from({ length: 24 * 48 }, (_, n) => +(n % 48 === 2 * Math.floor(n / 48))),
      [24, 48],
    );
    const graph = { inputs: [a, b], outputs: [matmul(chosen, matmul(a, b))] };
    const values = [
      Float32Array.from({ length: 48 * 8 }, (_, n) => (Math.floor(n / 8) % 2 ? Infinity : 1)),
      Float32Array.from(ones(8 * 40)),
    ];
    for (const set of addon.instructionSets()) {
      const [result] = await (await nativeOn(set).compile(graph)).run(values);
      expect(new Set(result)).toEqual(new Set([8]));
    }
  });
});
