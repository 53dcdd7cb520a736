import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prediction } from '../../../src/shared/distillation/index.ts';
import { evaluate, verify } from '../../../src/shared/graph/index.ts';
import { buildNet, type LayerSpec, type Net } from '../../../src/shared/models/index.ts';
import { drawInputs, expectClose } from '../graph/values.ts';
import { naiveForward } from './naive.ts';

const conv: fc.Arbitrary<LayerSpec> = fc.record({
  layer: fc.constant('conv' as const),
  filters: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 3 }),
});
const pool: fc.Arbitrary<LayerSpec> = fc.record({
  layer: fc.constant('averagePool' as const),
  size: fc.integer({ min: 1, max: 3 }),
});
const tanh: fc.Arbitrary<LayerSpec> = fc.constant({ layer: 'tanh' });
const dense: fc.Arbitrary<LayerSpec> = fc.record({
  layer: fc.constant('dense' as const),
  units: fc.integer({ min: 1, max: 4 }),
});

/** Any layers on maps, flatten, any layers on features, the last one dense: odd sizes, pools that leave a border, pools without a convolution before them. */
const stack: fc.Arbitrary<LayerSpec[]> = fc
  .tuple(
    fc.array(fc.oneof(conv, tanh, pool), { maxLength: 4 }),
    fc.array(fc.oneof(dense, tanh), { maxLength: 2 }),
    dense,
  )
  .map(([maps, features, last]) => [...maps, { layer: 'flatten' }, ...features, last]);
const imageShape = fc.tuple(
  fc.integer({ min: 3, max: 9 }),
  fc.integer({ min: 3, max: 9 }),
  fc.integer({ min: 1, max: 3 }),
);

/** Checks the logits of two random images against plain loops. */
function expectNaive(net: Net, seed: number): void {
  const graph = verify(prediction(net, 2));
  const [weights, x] = drawInputs(graph, seed) as [Float64Array, Float64Array];
  const pixels = x.length / 2;
  const images = [0, 1].map(b => Array.from(x.subarray(b * pixels, (b + 1) * pixels)));
  const logits = images.flatMap(image => [...naiveForward(net, image, weights)]);
  expectClose(evaluate(graph, [weights, x]), [logits], 1e-12 * Math.max(1, ...logits.map(Math.abs)));
}

test('any stack of layers gives what plain loops give', () =>
  fc.assert(
    fc.property(stack, imageShape, fc.nat(), (specs, shape, seed) => {
      fc.pre(fits(specs, shape));
      expectNaive(buildNet('any', specs, shape), seed);
    }),
    { numRuns: 300 },
  ));

/** Whether convolutions and pools leave at least one pixel. */
function fits(specs: readonly LayerSpec[], shape: readonly number[]): boolean {
  try {
    buildNet('any', specs, shape);
    return true;
  } catch {
    return false;
  }
}

test.each([2, 3])('a convolution before a %i×%i pool computes in its phases, and another does not', size => {
  const specs: LayerSpec[] = [
    { layer: 'conv', filters: 2, kernel: 3 },
    { layer: 'tanh' },
    { layer: 'conv', filters: 3, kernel: 2 },
    { layer: 'tanh' },
    { layer: 'averagePool', size },
    { layer: 'flatten' },
    { layer: 'dense', units: 2 },
  ];
  const net = buildNet('two', specs, [11, 10, 1]);
  expect(net.layers[0]).not.toHaveProperty('phases');
  expect(net.layers[2]).toHaveProperty('phases', size);
  expectNaive(net, 1);
});

test('flatten ravels (h, w, c): the features of an image are its pixels in the order in which they lie', () => {
  const net = buildNet('pixels', [{ layer: 'flatten' }, { layer: 'dense', units: 12 }], [2, 3, 2]);
  const identity = Float64Array.from({ length: 12 * 12 + 12 }, (_, i) => (i < 144 && i % 13 === 0 ? 1 : 0));
  const image = Float64Array.from({ length: 12 }, (_, i) => i);
  expect(evaluate(prediction(net, 1), [identity, image])[0]).toEqual(image);
});
