/** @file Models that can't be read, and what is said of each. */
import { functional, image, layer, sequential } from './writing.ts';

const on = (className: string, config: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  sequential(image(28, 28, 1), layer(className, { name: 'mine', ...config }, more));
const at = "mine.json, layer 1 'mine'";
const see = 'see docs/models.md for what can be read';
const chain = 'a net must be a plain chain of layers';
const kinds =
  'InputLayer, Dense, Conv2D, AveragePooling2D, MaxPooling2D, GlobalAveragePooling2D, Flatten, Reshape, Activation, ReLU, LeakyReLU, ELU, Softmax, LayerNormalization, GroupNormalization, Dropout, SpatialDropout2D, GaussianNoise, GaussianDropout, AlphaDropout';
const conv = { filters: 2, kernel_size: 3 };
const twice = functional([['image'], ['d', 'image'], ['out', 'd']]);
(twice.config as { layers: { inbound_nodes: unknown[] }[] }).layers[1]!.inbound_nodes.push([['d', 0, 0, {}]]);

/** What is wrong, the model, and what is said of it. */
export const refused: [string, unknown, string][] = [
  [
    'BatchNormalization',
    on('BatchNormalization'),
    `${at}, BatchNormalization: expected a layer that can be read, found BatchNormalization: its running statistics make the net depend on more than its weights and a batch; use GroupNormalization or LayerNormalization`,
  ],
  [
    'a recurrent layer',
    on('LSTM', { units: 3 }),
    `${at}, LSTM: expected a layer that can be read, found LSTM: it is recurrent, and an image passes a net once; use Conv2D or Dense`,
  ],
  [
    'Lambda',
    on('Lambda', { function: { class_name: '__lambda__', config: { code: 'x' } } }),
    `${at}, Lambda: expected a layer that can be read, found Lambda: it is code, and code in a file is never run; use layers that are known by name`,
  ],
  [
    'DepthwiseConv2D',
    on('DepthwiseConv2D'),
    `${at}, DepthwiseConv2D: expected a layer that can be read, found DepthwiseConv2D: its kernels see one channel each; use Conv2D, whose kernels see all`,
  ],
  [
    'Conv2DTranspose',
    on('Conv2DTranspose'),
    `${at}, Conv2DTranspose: expected a layer that can be read, found Conv2DTranspose: it enlarges maps, which a classifier has no need of; use Conv2D and pooling`,
  ],
  [
    'Conv1D',
    on('Conv1D'),
    `${at}, Conv1D: expected a layer that can be read, found Conv1D: images have two axes and channels; use the layer whose name ends in 2D`,
  ],
  [
    'Embedding',
    on('Embedding'),
    `${at}, Embedding: expected a layer that can be read, found Embedding: it takes words or whole numbers, and pixels are neither; begin with Conv2D or Flatten`,
  ],
  [
    'Add',
    on('Add'),
    `${at}, Add: expected a layer that can be read, found Add: it joins branches; a net must be a plain chain of layers`,
  ],
  [
    'attention',
    on('MultiHeadAttention'),
    `${at}, MultiHeadAttention: expected a layer that can be read, found MultiHeadAttention: attention is none of the layers there are here; use Conv2D or Dense`,
  ],
  [
    'ZeroPadding2D',
    on('ZeroPadding2D'),
    `${at}, ZeroPadding2D: expected a layer that can be read, found ZeroPadding2D: borders are a matter of the convolution; use Conv2D with padding "same" or "valid"`,
  ],
  [
    'Rescaling',
    on('Rescaling'),
    `${at}, Rescaling: expected a layer that can be read, found Rescaling: images are prepared before a net sees them; leave it out`,
  ],
  [
    'a class that nobody knows',
    on('MaxPool2D'),
    `${at}, MaxPool2D: expected one of the layers ${kinds}, found 'MaxPool2D'; did you mean MaxPooling2D?`,
  ],
  [
    'a class of another module',
    on('Dense', { units: 3 }, { module: 'my.layers' }),
    `${at}, Dense: expected a class of Keras, found Dense of the module my.layers; code of others is never run: use layers of Keras`,
  ],
  [
    'an operation',
    on('Relu', {}, { module: 'keras.src.ops.nn' }),
    `${at}, Relu: expected a layer, found the operation Relu; use a layer in its place, such as Activation`,
  ],
  [
    'a dilated kernel',
    on('Conv2D', { ...conv, dilation_rate: [2, 2] }),
    `${at}, Conv2D, dilation_rate: expected 1: kernels are not dilated, found [2,2]; ${see}`,
  ],
  [
    'groups of channels',
    on('Conv2D', { ...conv, groups: 2 }),
    `${at}, Conv2D, groups: expected 1: every filter sees all channels, found 2; ${see}`,
  ],
  [
    'channels_first',
    on('Conv2D', { ...conv, data_format: 'channels_first' }),
    `${at}, Conv2D, data_format: expected "channels_last": images and maps lie (H, W, C), found "channels_first"; ${see}`,
  ],
  [
    'causal padding',
    on('Conv2D', { ...conv, padding: 'causal' }),
    `${at}, Conv2D, padding: expected "valid" or "same", found "causal"; ${see}`,
  ],
  [
    'a kernel beyond all measure',
    on('Conv2D', { ...conv, kernel_size: 100 }),
    `${at}, Conv2D (conv), kernel: expected a whole number from 1 to 64, or two of them: [height, width], found 100; ${see}`,
  ],
  ['no units', on('Dense'), `${at}, Dense: expected units, a number, found no units; add units`],
  [
    'an option that is not known',
    on('Dense', { units: 3, lora_rank: 4 }),
    `${at}, Dense: expected one of the options units, activation, use_bias, found 'lora_rank'; ${see}`,
  ],
  [
    'an activation that is not known',
    on('Conv2D', { ...conv, activation: 'gelu' }),
    `${at}, Conv2D, activation: expected one of linear, tanh, relu, sigmoid, softplus, softmax, elu, leaky_relu, found 'gelu'; use one of these`,
  ],
  [
    'a function for an activation',
    on('Dense', { units: 3, activation: { module: 'builtins', class_name: 'function', config: 'mine' } }),
    `${at}, Dense, activation: expected the name of an activation, or a layer of ReLU, LeakyReLU, ELU, Softmax, found an object of the class function; code in a file is never run: name the activation`,
  ],
  [
    'a ReLU that is cut off',
    on('ReLU', { max_value: 6 }),
    `${at}, ReLU, max_value: expected none: what is cut off above, or below a threshold, is not known here, found 6; ${see}`,
  ],
  [
    'a ReLU with a threshold',
    on('ReLU', { threshold: 1 }),
    `${at}, ReLU, threshold: expected 0: what is cut off above, or below a threshold, is not known here, found 1; ${see}`,
  ],
  [
    'a normalisation over all axes',
    on('LayerNormalization', { axis: [1, 2, 3] }),
    `${at}, LayerNormalization, axis: expected the last axis, -1, found [1,2,3]; only along the channels or features`,
  ],
  [
    'groups along the height',
    on('GroupNormalization', { axis: 1 }),
    `${at}, GroupNormalization, axis: expected the last axis, -1, found 1; only along the channels or features`,
  ],
  [
    'a normalisation without the mean',
    on('LayerNormalization', { rms_scaling: true }),
    `${at}, LayerNormalization, rms_scaling: expected false: the mean is taken off too, found true; ${see}`,
  ],
  [
    'averages as maps',
    on('GlobalAveragePooling2D', { keepdims: true }),
    `${at}, GlobalAveragePooling2D, keepdims: expected false: features come out, not maps of one pixel, found true; ${see}`,
  ],
  [
    'a shape with a hole',
    on('Reshape', { target_shape: [-1, 7] }),
    `${at}, Reshape, target_shape: expected every size in numbers, found [-1, 7]; write the size in the place of -1`,
  ],
  [
    'a layer inside a model inside',
    sequential(image(8, 8, 1), sequential(layer('GRU', { name: 'deep' }))),
    "mine.json, layer 1.0 'deep', GRU: expected a layer that can be read, found GRU: it is recurrent, and an image passes a net once; use Conv2D or Dense",
  ],
  [
    'a layer that is none',
    sequential(3),
    `mine.json, layer 0: expected an object with class_name and config, found 3; ${see}`,
  ],
  [
    'images without channels',
    sequential(image(28, 28), layer('Dense', { units: 3 })),
    "mine.json, layer 0 'image', InputLayer, input shape: expected an axis for channels, or Flatten or Reshape as the first layer, found [28,28]; give the input as (height, width, channels)",
  ],
  [
    'films',
    sequential(image(9, 28, 28, 1)),
    "mine.json, layer 0 'image', InputLayer, input shape: expected [null, height, width, channels], found [null,9,28,28,1]; a net here takes images",
  ],
  [
    'a branch',
    functional([['image'], ['a', 'image'], ['b', 'image'], ['out', 'a', 'b']]),
    `mine.json, layer 0 'image', InputLayer: expected an output that goes one way, found 2 ways: the net branches here; ${chain}`,
  ],
  [
    'an output from the middle',
    functional([['image'], ['a', 'image'], ['b', 'a']], ['image'], ['a']),
    `mine.json, layer 1 'a', Dense: expected an output that goes one way, found 2 ways: the net branches here; ${chain}`,
  ],
  [
    'a layer with two inputs',
    functional([['image'], ['a', 'image'], ['out', 'a', 'a']]),
    `mine.json, layer 1 'a', Dense: expected an output that goes one way, found 2 ways: the net branches here; ${chain}`,
  ],
  [
    'two that come together',
    functional([['image'], ['other'], ['out', 'image', 'other']]),
    `mine.json, layer 2 'out', Dense: expected one input, found 2: image, other; ${chain}`,
  ],
  [
    'a shared layer',
    twice,
    `mine.json, layer 1 'd', Dense: expected a layer that is used once, found 2 uses: its weights would be shared; ${chain}`,
  ],
  [
    'two inputs',
    functional([['a'], ['b'], ['out', 'a', 'b']], ['a', 'b']),
    `mine.json: expected a model with one input, found 2: a, b; ${chain}`,
  ],
  [
    'two outputs',
    functional([['image'], ['a', 'image'], ['b', 'a']], ['image'], ['a', 'b']),
    `mine.json: expected a model with one output, found 2: a, b; ${chain}`,
  ],
  [
    'a layer beside the chain',
    functional([['image'], ['lost'], ['out', 'image']], ['image']),
    `mine.json, layer 1 'lost', InputLayer: expected a layer on the way from the input to the output, found one beside it; ${chain}`,
  ],
  [
    'a circle',
    functional([['image'], ['a', 'b'], ['b', 'a']], ['image'], ['image']),
    `mine.json, layer 1 'a', Dense: expected a layer on the way from the input to the output, found one beside it; ${chain}`,
  ],
  [
    'two layers of one name',
    functional([['image'], ['a', 'image'], ['a', 'image']]),
    `mine.json, layer 1 'a', Dense: expected a name of its own, found the name of another layer; ${chain}`,
  ],
  [
    'an input from nowhere',
    functional([['image'], ['a', 'elsewhere']], ['image'], ['a']),
    `mine.json, layer 1 'a', Dense: expected a layer of the file before it, found 'elsewhere'; ${chain}`,
  ],
  [
    'a class of the user’s',
    { class_name: 'MyNet', config: {} },
    'mine.json: expected a Sequential or Functional model, found the class MyNet; a model that is Python code can’t be read from a file: build it of layers',
  ],
  [
    'layers that are no list',
    { class_name: 'Sequential', config: { layers: 3 } },
    `mine.json: expected layers, a list, found 3; ${see}`,
  ],
  ['no layers', sequential(), 'mine.json: expected 1 to 200 layers, found 0; change the model'],
  [
    'a config without its model',
    { name: 'x', trainable: true, layers: [layer('Flatten')] },
    'mine.json: expected layers of ours, or a whole Keras model, found layers of Keras without their model; save model.to_json(), not get_config()',
  ],
  [
    'a graph of tensorflow’s',
    { format: 'graph-model', modelTopology: { node: [] } },
    'mine.json: expected a model of layers, found a graph of operations (graph-model); convert it to a layers model, or save model.to_json()',
  ],
  [
    'JSON inside a string',
    JSON.stringify(sequential()),
    `mine.json: expected a list of layers or a Keras model, found ${JSON.stringify(JSON.stringify(sequential())).slice(0, 60)}; it is JSON inside a string: save model.to_json() as it is`,
  ],
  ['nothing', null, `mine.json: expected a list of layers or a Keras model, found null; ${see}`],
  [
    'an object of no kind',
    {},
    'mine.json: expected class_name, the name of a class, found no class_name; add class_name',
  ],
  [
    'a topology of no kind',
    { modelTopology: 7 },
    'mine.json: expected a model as an object, found 7; save model.to_json()',
  ],
];
