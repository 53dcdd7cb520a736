import { describe, expect, test } from 'vitest';
import { kerasLayers } from '../../../../src/shared/models/own/keras/layers.ts';
import { functional, image, layer, parsed, sequential } from './writing.ts';

const same = { epsilon: 1e-3, center: true, scale: true };
const conv = { layer: 'conv', filters: 2, kernel: 3, stride: 1, padding: 'valid', bias: true };
const dense = { layer: 'dense', units: 3, bias: true };

/** Class, its config, and what it stands for on images (H, W, C). */
const cases: [string, Record<string, unknown>, unknown[]][] = [
  ['Dense', { units: 3 }, [dense]],
  ['Dense', { units: 3, use_bias: false, activation: 'linear' }, [{ ...dense, bias: false }]],
  ['Dense', { units: 3, activation: 'softplus' }, [dense, { layer: 'softplus' }]],
  ['Dense', { units: 3, activation: null, name: 'x', dtype: 'float16' }, [dense]],
  [
    'Dense',
    { units: 3, activation: layer('LeakyReLU', { alpha: 0.1 }) },
    [dense, { layer: 'leakyRelu', slope: 0.1 }],
  ],
  ['Conv2D', { filters: 2, kernel_size: 3 }, [conv]],
  [
    'Conv2D',
    { filters: 2, kernel_size: [3, 3], data_format: null, dilation_rate: [1, 1], groups: 1 },
    [conv],
  ],
  [
    'Conv2D',
    {
      filters: 2,
      kernel_size: { class_name: '__tuple__', items: [3, 1] },
      strides: [2, 2],
      padding: 'same',
      use_bias: false,
    },
    [{ ...conv, kernel: [3, 1], stride: 2, padding: 'same', bias: false }],
  ],
  ['AveragePooling2D', {}, [{ layer: 'averagePool', size: 2, stride: 2, padding: 'valid' }]],
  [
    'MaxPooling2D',
    { pool_size: [2, 3], strides: null, padding: 'same' },
    [{ layer: 'maxPool', size: [2, 3], stride: [2, 3], padding: 'same' }],
  ],
  [
    'MaxPooling2D',
    { pool_size: 3, strides: 2 },
    [{ layer: 'maxPool', size: 3, stride: 2, padding: 'valid' }],
  ],
  [
    'GlobalAveragePooling2D',
    { keepdims: false, data_format: 'channels_last' },
    [{ layer: 'globalAveragePool' }],
  ],
  ['Flatten', { data_format: 'channels_last' }, [{ layer: 'flatten' }]],
  ['Reshape', { target_shape: [4, 4, 2] }, [{ layer: 'reshape', shape: [4, 4, 2] }]],
  ['Reshape', { target_shape: [-1] }, [{ layer: 'flatten' }]],
  ['Activation', { activation: 'linear' }, []],
  ['Activation', { activation: 'tanh' }, [{ layer: 'tanh' }]],
  ['Activation', { activation: 'relu' }, [{ layer: 'relu' }]],
  ['Activation', { activation: 'sigmoid' }, [{ layer: 'sigmoid' }]],
  ['Activation', { activation: 'softmax' }, [{ layer: 'softmax' }]],
  ['Activation', { activation: 'elu' }, [{ layer: 'elu', alpha: 1 }]],
  ['Activation', { activation: 'leaky_relu' }, [{ layer: 'leakyRelu', slope: 0.2 }]],
  ['ReLU', { max_value: null, negative_slope: 0, threshold: 0 }, [{ layer: 'relu' }]],
  ['ReLU', { negative_slope: 0.1 }, [{ layer: 'leakyRelu', slope: 0.1 }]],
  ['LeakyReLU', {}, [{ layer: 'leakyRelu', slope: 0.3 }]],
  ['LeakyReLU', { alpha: 0.2 }, [{ layer: 'leakyRelu', slope: 0.2 }]],
  ['LeakyReLU', { negative_slope: 0.2 }, [{ layer: 'leakyRelu', slope: 0.2 }]],
  ['ELU', {}, [{ layer: 'elu', alpha: 1 }]],
  ['ELU', { alpha: 0.5 }, [{ layer: 'elu', alpha: 0.5 }]],
  ['Softmax', {}, [{ layer: 'softmax' }]],
  ['Softmax', { axis: 3 }, [{ layer: 'softmax' }]],
  ['LayerNormalization', {}, [{ layer: 'layerNorm', ...same }]],
  [
    'LayerNormalization',
    { axis: [-1], epsilon: 0.1, center: false, scale: false, rms_scaling: false },
    [{ layer: 'layerNorm', epsilon: 0.1, center: false, scale: false }],
  ],
  ['LayerNormalization', { axis: [3] }, [{ layer: 'layerNorm', ...same }]],
  ['GroupNormalization', {}, [{ layer: 'groupNorm', groups: 32, ...same }]],
  [
    'GroupNormalization',
    { groups: 4, axis: -1, epsilon: 0.1 },
    [{ layer: 'groupNorm', groups: 4, ...same, epsilon: 0.1 }],
  ],
  ['GroupNormalization', { groups: -1 }, [{ layer: 'instanceNorm', ...same }]],
  ['Dropout', { rate: 0.5, noise_shape: null, seed: 3 }, []],
  ['SpatialDropout2D', { rate: 0.5 }, []],
  ['GaussianNoise', { stddev: 0.1 }, []],
  ['GaussianDropout', { rate: 0.1 }, []],
  ['AlphaDropout', { rate: 0.1 }, []],
  ['InputLayer', { batch_shape: [null, 8, 8, 2] }, []],
];

describe('a layer of Keras', () => {
  test.each(cases)('%s %j', (className, config, specs) => {
    const before = layer('Conv2D', { filters: 2, kernel_size: 3 });
    const after = layer('Dense', { units: 3 });
    expect(parsed(sequential(image(8, 8, 2), before, layer(className, config), after)).layers).toEqual([
      conv,
      ...specs,
      dense,
    ]);
  });

  test('of every kind that is read stands above', () => {
    expect(new Set(cases.map(([className]) => className))).toEqual(new Set(Object.keys(kerasLayers)));
  });
});

describe('a model of Keras', () => {
  const layers = [image(8, 8, 2), layer('Flatten'), layer('Dense', { units: 3 })];
  const specs = [{ layer: 'flatten' }, dense];
  const model = sequential(...layers);
  test.each<[string, unknown]>([
    ['as it is', model],
    ['inside model_config', { keras_version: '2.15.0', model_config: model }],
    ['inside modelTopology', { modelTopology: model, format: 'layers-model' }],
    ['inside both', { modelTopology: { model_config: model } }],
    ['with its layers for a config', { class_name: 'Sequential', config: layers }],
    ['of Keras’s modules', { ...model, module: 'keras.src.models.sequential' }],
    ['of tensorflow’s', { ...model, module: 'tensorflow.python.keras.engine.sequential' }],
    ['with a model inside', sequential(layers[0], sequential(...layers.slice(1)))],
  ])('is read %s', (_, json) => {
    expect(parsed(json).layers).toEqual(specs);
    expect(parsed(json).inputShape).toEqual([8, 8, 2]);
  });

  test('is read in the order of its chain, not of its file', () => {
    const json = functional([['image'], ['last', 'middle'], ['middle', 'image']], ['image'], ['last']);
    const { layers } = json.config as { layers: { name: string; config: object }[] };
    for (const entry of layers) if (entry.name === 'last') entry.config = { units: 7 };
    expect(parsed(json).layers).toEqual([{ layer: 'flatten' }, dense, { ...dense, units: 7 }]);
  });

  test('may have a Functional inside, whose layers may be named as those outside', () => {
    const inner = {
      ...functional([['image'], ['d', 'image']]),
      name: 'inner',
      inbound_nodes: [[['image', 0, 0, {}]]],
    };
    const outer = functional([['image'], ['inner', 'image'], ['d', 'inner']]);
    (outer.config as { layers: unknown[] }).layers[1] = inner;
    expect(parsed(outer).layers).toEqual([{ layer: 'flatten' }, dense, dense]);
  });

  test.each<[string, unknown[], readonly number[] | undefined]>([
    ['Keras 3', [image(8, 8, 2)], [8, 8, 2]],
    ['Keras 2', [layer('InputLayer', { batch_input_shape: [null, 8, 8, 2] })], [8, 8, 2]],
    ['a batch of one size', [layer('InputLayer', { batch_input_shape: [32, 8, 8, 2] })], [8, 8, 2]],
    [
      'tfjs, in the first layer',
      [layer('Activation', { activation: 'tanh', batch_input_shape: [null, 8, 8, 2] })],
      [8, 8, 2],
    ],
    [
      'as a TensorShape',
      [layer('InputLayer', { batch_input_shape: { class_name: 'TensorShape', items: [null, 8, 8, 2] } })],
      [8, 8, 2],
    ],
    [
      'where it was built',
      [layer('Activation', { activation: 'tanh' }, { build_config: { input_shape: [null, 8, 8, 2] } })],
      [8, 8, 2],
    ],
    ['of any size', [image(null, null, 2)], undefined],
    ['unknown', [], undefined],
  ])('tells the shape of its input: %s', (_, first, shape) => {
    expect(parsed(sequential(...first, ...layers.slice(1))).inputShape).toEqual(shape);
  });
});
