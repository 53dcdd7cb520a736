import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prediction } from '../../../src/shared/distillation/index.ts';
import { evaluate, verify } from '../../../src/shared/graph/index.ts';
import { buildNet, type LayerSpec, type Net } from '../../../src/shared/models/index.ts';
import { drawInputs, expectClose } from '../graph/values.ts';
import { naiveForward } from './naive.ts';
import { kinds, stacks } from './stacks.ts';

/** Checks the outputs for two random images against plain loops. */
function expectNaive(net: Net, seed: number): void {
  const graph = verify(prediction(net, 2));
  const [weights, x] = drawInputs(graph, seed) as [Float64Array, Float64Array];
  const pixels = x.length / 2;
  const images = [0, 1].map(b => Array.from(x.subarray(b * pixels, (b + 1) * pixels)));
  const logits = images.flatMap(image => [...naiveForward(net, image, weights)]);
  // A norm of nearly equal numbers divides rounding errors by √ε.
  expectClose(evaluate(graph, [weights, x]), [logits], 1e-9 * Math.max(1, ...logits.map(Math.abs)));
}

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', kind => {
  test('among any other layers gives what plain loops give, of the shape that it promises', () =>
    fc.assert(
      fc.property(stacks(kind), fc.nat(), ({ specs, shape }, seed) => {
        expect(specs.some(({ layer }) => layer === kind)).toBe(true);
        expectNaive(buildNet('any', specs, shape), seed);
      }),
      { numRuns: 80 },
    ));
});

describe('a convolution computes in the phases of the pool behind it', () => {
  const net = (...specs: LayerSpec[]): Net =>
    buildNet('phases', [...specs, { layer: 'flatten' }, { layer: 'dense', units: 2 }], [11, 10, 2]);
  const conv: LayerSpec = { layer: 'conv', filters: 3, kernel: 3 };

  test.each<[string, LayerSpec[], number]>([
    ['an average pool', [conv, { layer: 'averagePool', size: 2 }], 2],
    ['a max pool', [conv, { layer: 'maxPool', size: 3 }], 3],
    [
      'elementwise layers between',
      [conv, { layer: 'relu' }, { layer: 'elu' }, { layer: 'maxPool', size: 2 }],
      2,
    ],
    ['a border', [{ ...conv, padding: 'same' }, { layer: 'sigmoid' }, { layer: 'averagePool', size: 2 }], 2],
    [
      'no bias',
      [
        { ...conv, bias: false },
        { layer: 'averagePool', size: [2, 2], stride: 2 },
      ],
      2,
    ],
    ['a norm of each pixel', [conv, { layer: 'layerNorm' }, { layer: 'averagePool', size: 2 }], 2],
    [
      'norms of all pixels, where the pool leaves none out',
      [
        { ...conv, kernel: [4, 3] },
        { layer: 'instanceNorm' },
        { layer: 'relu' },
        { layer: 'groupNorm', groups: 3 },
        { layer: 'averagePool', size: 2 },
      ],
      2,
    ],
    [
      'a kernel that is no square',
      [
        { ...conv, kernel: [3, 2] },
        { layer: 'maxPool', size: 2 },
      ],
      2,
    ],
    [
      'a step of two pixels',
      [
        { ...conv, stride: 2 },
        { layer: 'maxPool', size: 2 },
      ],
      2,
    ],
    ['a large kernel', [{ ...conv, kernel: 5 }, { layer: 'tanh' }, { layer: 'maxPool', size: 2 }], 2],
  ])('%s', (_, specs, phases) => {
    const built = net(...specs);
    expect(built.layers[0]).toHaveProperty('phases', phases);
    expectNaive(built, 1);
  });

  test.each<[string, LayerSpec[]]>([
    ['another convolution between', [conv, conv, { layer: 'averagePool', size: 2 }]],
    [
      'a norm of all pixels, some of which the pool leaves out',
      [conv, { layer: 'instanceNorm' }, { layer: 'averagePool', size: 2 }],
    ],
    ['windows that overlap', [conv, { layer: 'maxPool', size: 3, stride: 2 }]],
    ['windows that are no square', [conv, { layer: 'maxPool', size: [2, 3] }]],
    ['a pool with a border', [conv, { layer: 'maxPool', size: 2, padding: 'same' }]],
  ])('but not with %s', (_, specs) => {
    const built = net(...specs);
    expect(built.layers[0]).not.toHaveProperty('phases');
    expectNaive(built, 1);
  });
});

test('flatten ravels (h, w, c): the features of an image are its pixels in the order in which they lie', () => {
  const net = buildNet('pixels', [{ layer: 'flatten' }, { layer: 'dense', units: 12 }], [2, 3, 2]);
  const identity = Float64Array.from({ length: 12 * 12 + 12 }, (_, i) => (i < 144 && i % 13 === 0 ? 1 : 0));
  const image = Float64Array.from({ length: 12 }, (_, i) => i);
  expect(evaluate(prediction(net, 1), [identity, image])[0]).toEqual(image);
});

test.each<[string, LayerSpec, number[]]>([
  [
    'an average pool leaves the border out of its mean',
    { layer: 'averagePool', size: 2, padding: 'same' },
    [-3, -2, -1.5, -1],
  ],
  ['the border is never the largest', { layer: 'maxPool', size: 2, padding: 'same' }, [-1, -1, -1, -1]],
])('%s', (_, pool, expected) => {
  const net = buildNet('border', [pool, { layer: 'flatten' }], [3, 3, 1]);
  const image = Float64Array.of(-1, -2, -3, -4, -5, -1, -2, -1, -1);
  const [pooled] = evaluate(prediction(net, 1), [new Float64Array(), image]);
  expect([...pooled!]).toEqual(expected);
});
