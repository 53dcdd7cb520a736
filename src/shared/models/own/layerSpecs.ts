/** @file The layers that a model file may list, with their options: the one place that says which values are taken. In: anything. Out: checked specs.
 *  Knows no shapes: whether a layer takes what the one before it gives is seen when the net is laid out. */
import { z } from 'zod';
import type { LayerSpec } from '../layers.ts';
import { badModel, checkedOptions, isFields, seeDocs, show, unknownName } from './complaints.ts';

const whole = (most: number) => z.int().min(1).max(most).describe(`a whole number from 1 to ${most}`);
const yesOrNo = z.boolean().describe('true or false');
const padding = z.enum(['valid', 'same']).describe('"valid" or "same"');
const epsilon = z.number().min(0).max(1).describe('a number from 0 to 1');
const slope = z.number().min(-100).max(100).describe('a number from -100 to 100');

/** One number for both axes, or [height, width]; two equal ones become one, so that a net is written in one way only. */
const perAxis = (most: number) =>
  z
    .union([whole(most), z.tuple([whole(most), whole(most)])])
    .transform(size => (typeof size !== 'number' && size[0] === size[1] ? size[0] : size))
    .describe(`a whole number from 1 to ${most}, or two of them: [height, width]`);

/** An option that may be left out. */
const may = <S extends z.ZodType>(schema: S) => schema.exactOptional().describe(schema.description!);

const sizes = { kernel: 64, window: 1024, units: 65_536, filters: 4096 };
const none = z.strictObject({});
const pool = z.strictObject({
  size: perAxis(sizes.window),
  stride: may(perAxis(sizes.window)),
  padding: may(padding),
});
const normalised = { epsilon: may(epsilon), center: may(yesOrNo), scale: may(yesOrNo) };

/** The options of each layer, by its name. */
export const layerOptions = {
  dense: z.strictObject({
    units: z
      .union([whole(sizes.units), z.literal('classes')])
      .describe(`${whole(sizes.units).description}, or "classes"`),
    bias: may(yesOrNo),
  }),
  conv: z.strictObject({
    filters: whole(sizes.filters),
    kernel: perAxis(sizes.kernel),
    stride: may(perAxis(sizes.kernel)),
    padding: may(padding),
    bias: may(yesOrNo),
  }),
  averagePool: pool,
  maxPool: pool,
  globalAveragePool: none,
  flatten: none,
  reshape: z.strictObject({
    shape: z
      .union([
        z.tuple([whole(sizes.units)]),
        z.tuple([whole(sizes.units), whole(sizes.units), whole(sizes.units)]),
      ])
      .describe(`whole numbers from 1 to ${sizes.units}, [features] or [height, width, channels]`),
  }),
  tanh: none,
  relu: none,
  sigmoid: none,
  softplus: none,
  softmax: none,
  elu: z.strictObject({ alpha: may(slope) }),
  leakyRelu: z.strictObject({ slope: may(slope) }),
  layerNorm: z.strictObject(normalised),
  groupNorm: z.strictObject({ groups: whole(sizes.filters), ...normalised }),
  instanceNorm: z.strictObject(normalised),
} as const satisfies Record<string, z.ZodObject>;

export type OwnLayerName = keyof typeof layerOptions;

/** A layer as a file gives it: a `LayerSpec`, except that a dense layer may have "classes" for its units. */
export type OwnLayer = {
  readonly [L in OwnLayerName]: { readonly layer: L } & Given<z.output<(typeof layerOptions)[L]>>;
}[OwnLayerName];

/** Options, if there are any: zod's type of no options would forbid the layer's name. */
type Given<O> = string extends keyof O ? unknown : Readonly<O>;

/** A layer from anything. @throws DistillError 'bad-file' that names the layer or option. */
export function ownLayer(value: unknown, where: string): OwnLayer {
  const fix = `write for instance {"layer": "dense", "units": 10}; ${seeDocs}`;
  if (!isFields(value)) throw badModel(where, 'an object with the name of a layer', show(value), fix);
  const { layer, ...options } = value;
  if (typeof layer !== 'string')
    throw badModel(where, 'the name of a layer under "layer"', show(layer ?? value), fix);
  if (!Object.hasOwn(layerOptions, layer)) throw unknownName(where, layer, Object.keys(layerOptions));
  const schema: z.ZodObject = layerOptions[layer as OwnLayerName];
  return { layer, ...checkedOptions(schema, options, `${where} (${layer})`) } as OwnLayer;
}

/** The layers with K for every "classes". Only here do a file's layers become those that nets are built of. */
export const withClasses = (layers: readonly OwnLayer[], classes: number): readonly LayerSpec[] =>
  layers.map(spec =>
    spec.layer === 'dense' ? { ...spec, units: spec.units === 'classes' ? classes : spec.units } : spec,
  );
