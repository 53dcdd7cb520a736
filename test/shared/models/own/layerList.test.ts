import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withClasses } from '../../../../src/shared/models/own/index.ts';
import { parsed, refusal } from './writing.ts';

const size = fc.integer({ min: 1, max: 64 });
const perAxis = fc.oneof(
  size,
  fc.tuple(size, size).filter(([height, width]) => height !== width),
);
const padding = fc.constantFrom('valid', 'same');
const unit = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs);
const pool = { size: perAxis, stride: perAxis, padding };
const normalised = { epsilon: unit, center: fc.boolean(), scale: fc.boolean() };

/** Every layer with its options: those that must be there, and those that may. */
const kinds: Record<string, [Record<string, fc.Arbitrary<unknown>>, Record<string, fc.Arbitrary<unknown>>]> =
  {
    dense: [{ units: fc.oneof(size, fc.constant('classes')) }, { bias: fc.boolean() }],
    conv: [
      { filters: size, kernel: perAxis },
      { stride: perAxis, padding, bias: fc.boolean() },
    ],
    averagePool: [{ size: pool.size }, pool],
    maxPool: [{ size: pool.size }, pool],
    globalAveragePool: [{}, {}],
    flatten: [{}, {}],
    reshape: [{ shape: fc.oneof(fc.tuple(size), fc.tuple(size, size, size)) }, {}],
    tanh: [{}, {}],
    relu: [{}, {}],
    sigmoid: [{}, {}],
    softplus: [{}, {}],
    softmax: [{}, {}],
    elu: [{}, { alpha: unit }],
    leakyRelu: [{}, { slope: unit }],
    layerNorm: [{}, normalised],
    groupNorm: [{ groups: size }, normalised],
    instanceNorm: [{}, normalised],
  };

const anyLayer = fc.oneof(
  ...Object.entries(kinds).map(([layer, [must, may]]) =>
    fc
      .record({ ...may, ...must }, { requiredKeys: Object.keys(must) })
      .map(options => ({ layer, ...options })),
  ),
);

test('any list of layers is read as it is written', () =>
  fc.assert(
    fc.property(fc.array(anyLayer, { maxLength: 9 }), layers => {
      const list = [...layers, { layer: 'dense', units: 3 }];
      expect(parsed(list).layers).toEqual(list);
      expect(parsed({ name: 'mine', layers: list }).layers).toEqual(list);
    }),
  ));

test('two equal sizes are one, so that a net is written in one way only', () => {
  const [conv] = parsed([{ layer: 'conv', filters: 2, kernel: [3, 3], stride: [2, 1] }]).layers;
  expect(conv).toEqual({ layer: 'conv', filters: 2, kernel: 3, stride: [2, 1] });
});

test('"classes" is K, wherever it stands', () => {
  const { layers } = parsed([
    { layer: 'flatten' },
    ...[5, 'classes', 'classes'].map(units => ({ layer: 'dense', units })),
  ]);
  expect(layers.at(-1)).toEqual({ layer: 'dense', units: 'classes' });
  expect(withClasses(layers, 47).map(spec => (spec.layer === 'dense' ? spec.units : 0))).toEqual([
    0, 5, 47, 47,
  ]);
});

const names =
  'dense, conv, averagePool, maxPool, globalAveragePool, flatten, reshape, tanh, relu, sigmoid, softplus, softmax, elu, leakyRelu, layerNorm, groupNorm, instanceNorm';
const writeSo = 'write for instance {"layer": "dense", "units": 10}; see docs/models.md for what can be read';
const see = 'see docs/models.md for what can be read';

const wrong: [string, unknown, string][] = [
  [
    'an unknown layer',
    [{ layer: 'convv' }],
    `layer 0: expected one of ${names}, found 'convv'; did you mean conv?`,
  ],
  [
    'the name of Keras’s layer',
    [{ layer: 'flatten' }, { layer: 'MaxPooling2D' }],
    `layer 1: expected one of ${names}, found 'MaxPooling2D'; did you mean maxPool?`,
  ],
  [
    'an unknown option',
    [{ layer: 'conv', filters: 6, kernal: 5 }],
    "layer 0 (conv): expected one of the options filters, kernel, stride, padding, bias, found 'kernal'; did you mean kernel?",
  ],
  [
    'an option of a layer that has none',
    [{ layer: 'tanh', slope: 1 }],
    "layer 0 (tanh): expected no options, found 'slope'; leave it out",
  ],
  [
    'a missing option',
    [{ layer: 'dense' }],
    'layer 0 (dense): expected units, a whole number from 1 to 65536, or "classes", found no units; add units',
  ],
  [
    'words for a number',
    [{ layer: 'conv', filters: 'six', kernel: 5 }],
    `layer 0 (conv), filters: expected a whole number from 1 to 4096, found "six"; ${see}`,
  ],
  [
    'a fraction',
    [{ layer: 'dense', units: 2.5 }],
    `layer 0 (dense), units: expected a whole number from 1 to 65536, or "classes", found 2.5; ${see}`,
  ],
  [
    'too much',
    [{ layer: 'conv', filters: 6, kernel: 65 }],
    `layer 0 (conv), kernel: expected a whole number from 1 to 64, or two of them: [height, width], found 65; ${see}`,
  ],
  [
    'three sizes',
    [{ layer: 'maxPool', size: [2, 2, 2] }],
    `layer 0 (maxPool), size: expected a whole number from 1 to 1024, or two of them: [height, width], found [2,2,2]; ${see}`,
  ],
  [
    'another padding',
    [{ layer: 'conv', filters: 6, kernel: 5, padding: 'full' }],
    `layer 0 (conv), padding: expected "valid" or "same", found "full"; ${see}`,
  ],
  [
    'null',
    [{ layer: 'dense', units: 3, bias: null }],
    `layer 0 (dense), bias: expected true or false, found null; ${see}`,
  ],
  [
    'a shape with a hole',
    [{ layer: 'reshape', shape: [-1, 4] }],
    `layer 0 (reshape), shape: expected whole numbers from 1 to 65536, [features] or [height, width, channels], found [-1,4]; ${see}`,
  ],
  [
    'a negative epsilon',
    [{ layer: 'layerNorm', epsilon: -1 }],
    `layer 0 (layerNorm), epsilon: expected a number from 0 to 1, found -1; ${see}`,
  ],
  [
    'a steep slope',
    [{ layer: 'leakyRelu', slope: 1e9 }],
    `layer 0 (leakyRelu), slope: expected a number from -100 to 100, found 1000000000; ${see}`,
  ],
  ['no layer', [7], `layer 0: expected an object with the name of a layer, found 7; ${writeSo}`],
  [
    'no name of a layer',
    [{ units: 3 }],
    `layer 0: expected the name of a layer under "layer", found {"units":3}; ${writeSo}`,
  ],
  ['no layers', [], 'expected 1 to 200 layers, found 0; change the list'],
  [
    'too many layers',
    new Array(201).fill({ layer: 'tanh' }),
    'expected 1 to 200 layers, found 201; change the list',
  ],
  ['no list', { layers: 3 }, `layers: expected a list of layers, found 3; ${see}`],
  ['no name', { name: '', layers: [] }, `name: expected a name of 1 to 60 characters, found ""; ${see}`],
  [
    'something else beside it',
    { layers: [], nmae: 'x' },
    "expected one of the options name, layers, found 'nmae'; did you mean name?",
  ],
  [
    'nothing that learns',
    [{ layer: 'flatten' }],
    `expected a layer that learns, dense or conv, found none; ${see}`,
  ],
];

describe('a wrong list is refused by position and name', () => {
  test.each(wrong)('%s', (_, list, message) => {
    const comma = message.startsWith('layer') || message.startsWith('name') ? ', ' : ': ';
    expect(refusal(() => parsed(list))).toBe(`mine.json${comma}${message}`);
  });

  test('and no two in the same words', () => {
    expect(new Set(wrong.map(([, , message]) => message)).size).toBe(wrong.length);
  });
});

test('names of Object’s prototype mean nothing', () => {
  expect(refusal(() => parsed([{ layer: 'constructor' }]))).toContain("found 'constructor'");
  expect(refusal(() => parsed([{ layer: '__proto__' }]))).toContain("found '__proto__'");
  const text = '[{"layer": "dense", "units": 3, "__proto__": {"polluted": true}}]';
  expect(refusal(() => parsed(JSON.parse(text)))).toContain("found '__proto__'");
  expect({}).not.toHaveProperty('polluted');
});
