import { expect, test } from 'vitest';
import { misfit } from '../../../../src/shared/models/own/index.ts';
import { image, layer, parsed, sequential } from './writing.ts';

const dense = (units: number | string) => ({ layer: 'dense', units });
const conv = (filters: number) => ({ layer: 'conv', filters, kernel: 3 });

test.each<[string, unknown, number | undefined]>([
  [
    'the units of the last dense layer',
    [{ layer: 'flatten' }, dense(5), { layer: 'tanh' }, dense(3), { layer: 'tanh' }],
    3,
  ],
  ['whatever K is', [{ layer: 'flatten' }, dense(5), dense('classes')], undefined],
  ['the filters whose maps are averaged', [conv(7), { layer: 'relu' }, { layer: 'globalAveragePool' }], 7],
  ['not told by maps that are flattened', [conv(7), { layer: 'flatten' }], undefined],
  ['not told by maps as they are', [conv(7), { layer: 'relu' }], undefined],
])('the number of outputs is %s', (_, layers, classes) => {
  expect(parsed(layers).classes).toBe(classes);
});

const keras = (...shape: (number | null)[]) =>
  parsed(sequential(image(...shape), layer('Flatten'), layer('Dense', { units: 10 })));

test.each<[string, readonly (number | null)[], readonly number[]]>([
  ['the same shape', [28, 28, 1], [28, 28, 1]],
  ['no axis for the one channel', [28, 28], [28, 28, 1]],
  ['as many features', [784], [28, 28, 1]],
  ['as many features, of three channels', [3072], [32, 32, 3]],
  ['any size', [null, null, 1], [28, 28, 1]],
])('fits: %s', (_, shape, images) => {
  expect(misfit(keras(...shape), images, 10)).toBeUndefined();
});

test.each<[readonly number[], readonly number[], number, string, string]>([
  [[32, 32, 3], [28, 28, 1], 10, 'a model for images of 28×28×1', 'one for an input of 32×32×3'],
  [[28, 28], [28, 28, 3], 10, 'a model for images of 28×28×3', 'one for an input of 28×28'],
  [[783], [28, 28, 1], 10, 'a model for images of 28×28×1', 'one for an input of 783'],
  [[28, 28, 1], [28, 28, 1], 47, '47 outputs, one for each class', 'a model with 10'],
])('%j for images %j of %i classes is a misfit', (shape, images, classes, expected, found) => {
  expect(misfit(keras(...shape), images, classes)).toEqual({ expected, found });
});
