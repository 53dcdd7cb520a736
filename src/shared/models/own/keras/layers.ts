/** @file The Keras layers that can be read: class by class, options in, our layers out. Keras's values are always written out, since its defaults are not ours. */
import { z } from 'zod';
import { badModel } from '../complaints.ts';
import { activation, activationLayers } from './activations.ts';
import { accepts, onLastAxis, or, type Reading } from './reading.ts';

const number = z.number().describe('a number');
const pair = z.union([number, z.tuple([number, number])]).describe('a number, or two of them');
const yesOrNo = z.boolean().describe('true or false');
const padding = z.enum(['valid', 'same']).describe('"valid" or "same"');
const channelsLast = z
  .literal('channels_last')
  .default('channels_last')
  .describe('"channels_last": images and maps lie (H, W, C)');
const undilated = pair
  .refine(rate => [rate].flat().every(one => one === 1))
  .default(1)
  .describe('1: kernels are not dilated');

const pool = (layer: 'averagePool' | 'maxPool'): Reading =>
  accepts(
    z.strictObject({
      pool_size: or(pair, 2),
      strides: pair.optional().describe(pair.description!),
      padding: or(padding, 'valid'),
      data_format: channelsLast,
    }),
    ({ pool_size: size, strides: stride = size, padding }) => [{ layer, size, stride, padding }],
  );

const normalised = {
  axis: z.unknown().optional(),
  epsilon: or(number, 1e-3),
  center: or(yesOrNo, true),
  scale: or(yesOrNo, true),
};

/** Noise that is there while Keras trains. */
const noise: Reading = () => [];
export const noises = {
  Dropout: noise,
  SpatialDropout2D: noise,
  GaussianNoise: noise,
  GaussianDropout: noise,
  AlphaDropout: noise,
};

export const kerasLayers: Readonly<Record<string, Reading>> = {
  InputLayer: () => [],
  Dense: accepts(
    z.strictObject({
      units: number,
      activation: z.unknown().optional(),
      use_bias: or(yesOrNo, true),
    }),
    ({ units, use_bias: bias, activation: name }, at) => [
      { layer: 'dense', units, bias },
      ...activation(name, at),
    ],
  ),
  Conv2D: accepts(
    z.strictObject({
      filters: number,
      kernel_size: pair,
      strides: or(pair, 1),
      padding: or(padding, 'valid'),
      data_format: channelsLast,
      dilation_rate: undilated,
      groups: z.literal(1).default(1).describe('1: every filter sees all channels'),
      activation: z.unknown().optional(),
      use_bias: or(yesOrNo, true),
    }),
    ({ filters, kernel_size: kernel, strides: stride, padding, use_bias: bias, activation: name }, at) => [
      { layer: 'conv', filters, kernel, stride, padding, bias },
      ...activation(name, at),
    ],
  ),
  AveragePooling2D: pool('averagePool'),
  MaxPooling2D: pool('maxPool'),
  GlobalAveragePooling2D: accepts(
    z.strictObject({
      data_format: channelsLast,
      keepdims: z.literal(false).default(false).describe('false: features come out, not maps of one pixel'),
    }),
    () => [{ layer: 'globalAveragePool' }],
  ),
  Flatten: accepts(z.strictObject({ data_format: channelsLast }), () => [{ layer: 'flatten' }]),
  Reshape: accepts(
    z.strictObject({ target_shape: z.array(number).describe('a list of numbers') }),
    ({ target_shape: shape }, at) => {
      if (shape.length === 1 && shape[0] === -1) return [{ layer: 'flatten' }];
      if (shape.includes(-1))
        throw badModel(
          `${at.where}, target_shape`,
          'every size in numbers',
          `[${shape.join(', ')}]`,
          'write the size in the place of -1',
        );
      return [{ layer: 'reshape', shape }];
    },
  ),
  Activation: accepts(z.strictObject({ activation: z.unknown().optional() }), ({ activation: name }, at) =>
    activation(name, at),
  ),
  ...activationLayers,
  LayerNormalization: accepts(
    z.strictObject({
      ...normalised,
      rms_scaling: z.literal(false).default(false).describe('false: the mean is taken off too'),
    }),
    ({ axis = -1, epsilon, center, scale }, at) => {
      onLastAxis(axis, at);
      return [{ layer: 'layerNorm', epsilon, center, scale }];
    },
  ),
  GroupNormalization: accepts(
    z.strictObject({ groups: or(number, 32), ...normalised }),
    ({ axis = -1, groups, epsilon, center, scale }, at) => {
      onLastAxis(axis, at);
      const same = { epsilon, center, scale };
      return [groups === -1 ? { layer: 'instanceNorm', ...same } : { layer: 'groupNorm', groups, ...same }];
    },
  ),
  ...noises,
};
