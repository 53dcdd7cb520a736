/** How the native engine walks: products and maps in the order in which their results are read, and reductions beside chunks. */
import { describe, expect, test } from 'vitest';
import {
  add,
  concat,
  type Graph,
  input,
  matmul,
  mul,
  patches,
  relu,
  reshape,
  sum,
  type Tensor,
  tanh,
  transpose,
} from '../../src/shared/graph/index.ts';
import { planned } from '../../src/worker/engines/native/index.ts';
import type { Instruction } from '../../src/worker/engines/native/instructions.ts';
import { expectRight } from './everySet.ts';

/** Columns (3, 8·8·5) of maps of 8×8 pixels, into phases of 2×2 blocks: (3, 4, 4, 4, 5). */
const inPhases = (columns: Tensor): Tensor =>
  reshape(transpose(reshape(columns, [3, 4, 2, 4, 2, 5]), [0, 2, 4, 1, 3, 5]), [3, 4, 4, 4, 5]);

const [x, y] = [input('x', [2, 10, 10, 5]), input('y', [2, 10, 10, 5])];
const [kernel, other] = [input('kernel', [3, 18]), input('other', [3, 18])];
const columns = (maps: Tensor): Tensor => reshape(patches(maps, { size: [3, 3], stride: [1, 1] }), [18, 320]);

const [seed, tolerance] = [5, 1e-4];

/** The sizes of each map, and `product`. */
const walks = (graph: Graph): string[] =>
  planned(graph).instructions.map((i: Instruction) => (i.kind === 'map' ? i.sizes.join('×') : i.kind));

test('a product is computed in the order in which it is read', async () => {
  const graph = {
    inputs: [kernel, x],
    outputs: [relu(inPhases(matmul(kernel, columns(x))))],
  };
  expect(walks(graph)).toEqual(['product', '960']);
  await expectRight(graph, seed, tolerance);
});

test('so is a sum of products', async () => {
  const graph = {
    inputs: [kernel, other, x, y],
    outputs: [relu(inPhases(add(matmul(kernel, columns(x)), matmul(other, columns(y)))))],
  };
  expect(walks(graph)).toEqual(['product', 'product', '960']);
  await expectRight(graph, seed, tolerance);
});

test('not so a product that is also read in its own order', async () => {
  const product = matmul(kernel, columns(x));
  await expectRight(
    { inputs: [kernel, x], outputs: [relu(inPhases(product)), tanh(product)] },
    seed,
    tolerance,
  );
});

test('a map stores what it gives in the order in which a product reads it', async () => {
  const [phases, left] = [input('phases', [3, 2, 2, 4, 4, 5]), input('left', [7, 3])];
  const seen = reshape(transpose(tanh(phases), [0, 3, 1, 4, 2, 5]), [3, 320]);
  const graph = { inputs: [phases, left], outputs: [matmul(left, seen)] };
  const product = planned(graph).instructions.find(i => i.kind === 'product')!;
  expect(product.b).toMatchObject({ rows: [{ size: 3, stride: 320 }], columns: [{ size: 320, stride: 1 }] });
  await expectRight(graph, seed, tolerance);
});

test('a sum over phases goes through them beside parts of the maps that fill a chunk', async () => {
  const maps = input('maps', [3, 4, 196, 10]);
  const graph = { inputs: [maps], outputs: [sum(tanh(maps), [1])] };
  expect(walks(graph)).toContain('3×4×4×490');
  await expectRight(graph, seed, tolerance);
});

test.each([49, 97, 197])(
  'operands and sums that repeat along %i rows, the last of them a shorter part',
  async rows => {
    const maps = input('maps', [3, 4, rows, 16]);
    const scale = input('scale', [3, 1, 1, 16]);
    const scaled = mul(maps, scale);
    const graph = {
      inputs: [maps, scale],
      outputs: [scaled, sum(scaled, [1, 2]), sum(scaled, [1]), sum(scaled, [2])],
    };
    await expectRight(graph, seed, tolerance);
  },
);

test.each([
  [
    [9, 5, 12],
    [2, 1, 0],
  ],
  [
    [3, 16, 8, 7],
    [3, 0, 2, 1],
  ],
  [
    [20, 6, 4],
    [0, 2, 1],
  ],
])('a copy of %j, its axes in the order %j', async (shape, perm) => {
  const t = input('t', shape);
  await expectRight({ inputs: [t], outputs: [transpose(t, perm)] }, seed, 0);
});

describe('of a product with weights that lie along k', () => {
  const [maps, weights] = [input('maps', [8, 36, 10]), input('weights', [50, 288])];
  const features = reshape(transpose(maps, [1, 0, 2]), [288, 10]);
  const layer = matmul(features, weights, { transposeA: true, transposeB: true });

  test('the few columns are copied beside them, and read there from then on', async () => {
    const delta = tanh(layer);
    const graph = {
      inputs: [maps, weights],
      outputs: [matmul(delta, features, { transposeA: true, transposeB: true })],
    };
    expect(walks(graph).slice(0, 2)).toEqual(['8×36×10', 'product']);
    const [first, second] = planned(graph).instructions.filter(i => i.kind === 'product');
    expect(first!.a).toMatchObject({
      rows: [{ size: 10, stride: 288 }],
      columns: [{ size: 288, stride: 1 }],
    });
    expect(second!.b.buffer).toBe(first!.a.buffer);
    await expectRight(graph, seed, tolerance);
  });

  test('copies are joined as they lie', async () => {
    const [others, otherWeights] = [input('others', [8, 36, 10]), input('otherWeights', [50, 288])];
    const deltas = input('deltas', [20, 50]);
    const more = reshape(transpose(others, [1, 0, 2]), [288, 10]);
    const sums = add(layer, matmul(more, otherWeights, { transposeA: true, transposeB: true }));
    const updates = matmul(deltas, concat([features, more], 1), { transposeA: true, transposeB: true });
    const graph = { inputs: [maps, others, weights, otherWeights, deltas], outputs: [sums, updates] };
    expect(walks(graph).filter(walk => walk === '2880')).toHaveLength(2);
    await expectRight(graph, seed, tolerance);
  });
});
