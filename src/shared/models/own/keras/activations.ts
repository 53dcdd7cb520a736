/** @file Activations: by name, as Dense, Conv2D and Activation have them, and as layers. In: an option. Out: the layer that it stands for, or none. */
import { z } from 'zod';
import { badModel, isFields, printable, unknownName } from '../complaints.ts';
import { accepts, onLastAxis, or, type Place, type Reading, type Written } from './reading.ts';

/** leaky_relu by its name has another slope than the layer LeakyReLU. */
const byName: Readonly<Record<string, readonly Written[]>> = {
  linear: [],
  tanh: [{ layer: 'tanh' }],
  relu: [{ layer: 'relu' }],
  sigmoid: [{ layer: 'sigmoid' }],
  softplus: [{ layer: 'softplus' }],
  softmax: [{ layer: 'softmax' }],
  elu: [{ layer: 'elu', alpha: 1 }],
  leaky_relu: [{ layer: 'leakyRelu', slope: 0.2 }],
};

const number = z.number().describe('a number');
const onlyPlain = 'what is cut off above, or below a threshold, is not known here';

/** Layers that are nothing but an activation; they may stand for a name too. */
export const activationLayers: Readonly<Record<string, Reading>> = {
  ReLU: accepts(
    z.strictObject({
      max_value: z.null().optional().describe(`none: ${onlyPlain}`),
      threshold: z.literal(0).default(0).describe(`0: ${onlyPlain}`),
      negative_slope: or(number, 0),
    }),
    ({ negative_slope: slope }) => [slope === 0 ? { layer: 'relu' } : { layer: 'leakyRelu', slope }],
  ),
  // `alpha` in Keras 2 and tfjs, `negative_slope` in Keras 3; all of them 0.3 unless it is said.
  LeakyReLU: accepts(
    z.strictObject({
      alpha: number.optional().describe('a number'),
      negative_slope: number.optional().describe('a number'),
    }),
    ({ alpha, negative_slope: slope = alpha ?? 0.3 }) => [{ layer: 'leakyRelu', slope }],
  ),
  ELU: accepts(z.strictObject({ alpha: or(number, 1) }), ({ alpha }) => [{ layer: 'elu', alpha }]),
  Softmax: accepts(z.strictObject({ axis: z.unknown().optional() }), ({ axis = -1 }, at) => {
    onLastAxis(axis, at);
    return [{ layer: 'softmax' }];
  }),
};

/** @throws DistillError 'bad-file' for a name that is not known, a function of the user's and any other layer. */
export function activation(value: unknown, at: Place): readonly Written[] {
  if (value === undefined) return [];
  if (typeof value === 'string' && Object.hasOwn(byName, value)) return byName[value]!;
  const where = `${at.where}, activation`;
  if (typeof value === 'string')
    throw unknownName(where, value, Object.keys(byName), { fix: 'use one of these' });
  const name = isFields(value) && typeof value.class_name === 'string' ? value.class_name : '';
  if (isFields(value) && isFields(value.config) && Object.hasOwn(activationLayers, name))
    return activationLayers[name]!(value.config, { ...at, where });
  throw badModel(
    where,
    `the name of an activation, or a layer of ${Object.keys(activationLayers).join(', ')}`,
    `an object of the class ${printable(name)}`,
    'code in a file is never run: name the activation',
  );
}
