import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type OwnModel,
  parseModel,
  readModel,
  withClasses,
} from '../../../../src/shared/models/own/index.ts';
import { temporaryDirectory } from './temporaryDirectory.ts';
import { fixturePath, fixtureText, image, layer, parsed, refusal, sequential } from './writing.ts';

const started =
  'weights are drawn by --init: initialisers, regularisers, constraints and weights of the file have no effect';
const softmax = 'the softmax at the end is left out: the loss takes logits';

/** LeCun's net, counted by hand. */
const lenet = [
  { layer: 'conv', filters: 6, kernel: 5, stride: 1, padding: 'same', bias: true },
  { layer: 'tanh' },
  { layer: 'averagePool', size: 2, stride: 2, padding: 'valid' },
  { layer: 'conv', filters: 16, kernel: 5, stride: 1, padding: 'valid', bias: true },
  { layer: 'tanh' },
  { layer: 'averagePool', size: 2, stride: 2, padding: 'valid' },
  { layer: 'flatten' },
  { layer: 'dense', units: 120, bias: true },
  { layer: 'tanh' },
  { layer: 'dense', units: 84, bias: true },
  { layer: 'tanh' },
  { layer: 'dense', units: 10, bias: true },
];

const chain = [
  { layer: 'conv', filters: 8, kernel: 3, stride: 2, padding: 'same', bias: false },
  { layer: 'groupNorm', groups: 4, epsilon: 0.001, center: true, scale: true },
  { layer: 'leakyRelu', slope: 0.25 },
  { layer: 'maxPool', size: 2, stride: 2, padding: 'valid' },
  { layer: 'conv', filters: 16, kernel: [3, 1], stride: 1, padding: 'valid', bias: true },
  { layer: 'elu', alpha: 1 },
  { layer: 'layerNorm', epsilon: 0.001, center: true, scale: true },
  { layer: 'globalAveragePool' },
  { layer: 'dense', units: 10, bias: true },
];

describe('one net in several formats is one list of layers', () => {
  test.each(['lenet.layers.json', 'lenet.tfjs.json', 'lenet.keras3.json'] as const)('%s', async name => {
    const model = await readModel(fixturePath(name));
    expect(withClasses(model.layers, 10)).toEqual(lenet);
    expect(model.name).toBe('lenet');
  });

  test.each(['chain.keras2.json', 'chain.keras3.json'] as const)('%s', async name => {
    const model = await readModel(fixturePath(name));
    expect(model.layers).toEqual(chain);
    expect(model.name).toBe('chain');
  });
});

test.each<[string, Partial<OwnModel>]>([
  ['lenet.layers.json', { notices: [] }],
  ['lenet.tfjs.json', { notices: [started, softmax], inputShape: [28, 28, 1], classes: 10 }],
  ['lenet.keras3.json', { notices: [started, softmax], inputShape: [28, 28, 1], classes: 10 }],
  [
    'chain.keras3.json',
    {
      notices: [started, 'no noise is added, so these have no effect: SpatialDropout2D (layer 5)'],
      inputShape: [28, 28, 1],
      classes: 10,
    },
  ],
])('%s: what has no effect is said, what the file says of images and classes is known', (name, said) => {
  const { notices, inputShape, classes } = parseModel(fixtureText(name as 'lenet.tfjs.json'), name);
  expect({ notices, ...(inputShape && { inputShape }), ...(classes && { classes }) }).toEqual(said);
});

describe('notices', () => {
  const ends = [layer('Flatten'), layer('Dense', { units: 3 })];
  const noticesOf = (...layers: unknown[]) => parsed(sequential(...layers)).notices;

  test('none when there is nothing to say', () => {
    const silent = layer('Conv2D', { filters: 2, kernel_size: 1, trainable: true, kernel_regularizer: null });
    expect(noticesOf(image(4, 4, 1), silent, ...ends)).toEqual([]);
  });

  test('layers that the file keeps from learning', () => {
    expect(noticesOf(layer('Flatten'), layer('Dense', { units: 3, trainable: false, name: 'old' }))).toEqual([
      'all weights are learned, though the file says otherwise of Dense (layer 1)',
    ]);
  });

  test('features are made of images', () => {
    const model = parsed(sequential(image(784), layer('Dense', { units: 3 })));
    expect(model.notices).toEqual(['images are flattened first, since the model takes features']);
    expect(model.layers[0]).toEqual({ layer: 'flatten' });
    expect(model.inputShape).toEqual([784]);
  });

  test('a softmax at the end of a layer list goes too, one in the middle stays', () => {
    const list = [
      { layer: 'flatten' },
      { layer: 'softmax' },
      { layer: 'dense', units: 3 },
      { layer: 'softmax' },
    ];
    const model = parsed(list);
    expect(model.layers).toEqual(list.slice(0, -1));
    expect(model.notices).toEqual([softmax]);
  });
});

test('a model without a name of its own has that of its file', () => {
  const layers = [{ layer: 'flatten' }, { layer: 'dense', units: 'classes' }];
  expect(parsed(layers, 'nets/small.json').name).toBe('small');
  expect(parsed({ name: 'my net', layers }, 'nets/small.json').name).toBe('my net');
  expect(parsed(sequential(image(8), layer('Dense', { units: 3 })), 'nets/small.json').name).toBe('small');
});

describe('a file', () => {
  async function read(content: string | Uint8Array): Promise<unknown> {
    const { path, remove } = await temporaryDirectory();
    onTestFinished(remove);
    await writeFile(join(path, 'mine.json'), content);
    const outcome = await readModel(join(path, 'mine.json')).catch(error => error);
    return outcome instanceof Error
      ? refusal(() => {
          throw outcome;
        }).replace(path, '…')
      : outcome;
  }

  test('may begin with a byte order mark', async () => {
    expect(await read(`\uFEFF${fixtureText('lenet.layers.json')}`)).toMatchObject({ name: 'lenet' });
  });

  test.each<[string, string | Uint8Array, string]>([
    [
      'zip',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0xff),
      'expected a model as JSON, found a model and its weights (.keras, .h5); save model.to_json() in a file of its own',
    ],
    [
      'HDF5',
      Uint8Array.of(0x89, 0x48, 0x44, 0x46),
      'expected a model as JSON, found a model and its weights (.keras, .h5); save model.to_json() in a file of its own',
    ],
    [
      'of other bytes',
      Uint8Array.of(0x7b, 0xff),
      'expected a model as JSON, found bytes that are no text; save model.to_json() in a file of its own',
    ],
    [
      'larger than any topology',
      new Uint8Array(2 ** 20 + 1),
      'expected a model of at most 1048576 bytes, found 1048577 bytes; it is damaged, or no file of ours: get or make it again',
    ],
  ])('that is %s is refused', async (_, content, message) => {
    expect(await read(content)).toBe(`…/mine.json: ${message}`);
  });

  test('that is missing is refused', async () => {
    await expect(readModel('nowhere/mine.json')).rejects.toThrow(
      'nowhere/mine.json: expected a model, found no such file; check the path',
    );
  });
});
