/** @file The layer list: our own format, `{"name": …, "layers": [{"layer": …}, …]}` or the bare list. In: parsed JSON. Out: checked layers. */
import { z } from 'zod';
import { badModel, checkedOptions, type Fields, isFields, printable } from './complaints.ts';
import { type OwnLayer, ownLayer } from './layerSpecs.ts';

const List = z.strictObject({
  name: z
    .string()
    .max(60)
    .refine(name => name.trim() !== '' && printable(name) === name)
    .optional()
    .describe('a name of 1 to 60 characters'),
  layers: z.array(z.unknown()).describe('a list of layers'),
});

/** @param layerLimit the most layers that are read; more are refused before any is looked at
 *  @throws DistillError 'bad-file' that names the first wrong layer by its position, from 0, and the option. */
export function parseLayerList(
  list: Fields | readonly unknown[],
  where: string,
  layerLimit: number,
): { readonly name: string | undefined; readonly layers: readonly OwnLayer[] } {
  const object: Fields = 'layers' in list ? list : { layers: list };
  if (Array.isArray(object.layers) && object.layers.some(layer => isFields(layer) && 'class_name' in layer))
    throw badModel(
      where,
      'layers of ours, or a whole Keras model',
      'layers of Keras without their model',
      'save model.to_json(), not get_config()',
    );
  const { name, layers } = checkedOptions(List, object, where);
  if (layers.length < 1 || layers.length > layerLimit)
    throw badModel(where, `1 to ${layerLimit} layers`, String(layers.length), 'change the list');
  return { name, layers: layers.map((layer, i) => ownLayer(layer, `${where}, layer ${i}`)) };
}
