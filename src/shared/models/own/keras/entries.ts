/** @file The parts of a Keras model as JSON. In: what any of its writers wraps around a model: Keras 2 and 3 `to_json`, tfjs `save`, the converter to
 *  tfjs. Out: entries, the model being one itself. Knows no layer's options and nothing of weights but that they may be there. */
import { z } from 'zod';
import { badModel, checkedOptions, type Fields, isFields, printable, show } from '../complaints.ts';

/** A layer, or a model in a layer's place. */
export interface Entry {
  /** File, position (from 0; 1.0 is the first in the model at 1), name and class, for messages. */
  readonly where: string;
  /** Empty for the model of the file. */
  readonly position: string;
  readonly name: string;
  readonly className: string;
  readonly config: Fields;
  readonly inboundNodes: unknown;
  /** Shape of its input with the batch axis, where the writer noted it. */
  readonly inputShape: unknown;
}

const fields = z.custom<Fields>(isFields).describe('an object');
const Written = z.object({
  class_name: z.string().describe('the name of a class'),
  config: fields,
  name: z.string().optional().describe('a name'),
  /** Of Python; Keras 3 writes it. */
  module: z.string().nullish().describe('the name of a module'),
  inbound_nodes: z.unknown().optional(),
  build_config: fields.nullish(),
});

/** An entry of `layers` at `position`. @throws DistillError 'bad-file' */
export function entryOf(file: string, position: string, value: unknown): Entry {
  const at = position === '' ? file : `${file}, layer ${position}`;
  if (!isFields(value)) throw badModel(at, 'an object with class_name and config', show(value));
  const { class_name: className, config, name, module, ...rest } = checkedOptions(Written, value, at);
  const called = name ?? (typeof config.name === 'string' ? config.name : className);
  const where = position === '' ? file : `${at} '${printable(called)}', ${printable(className)}`;
  checkModule(where, module, className);
  return {
    where,
    position,
    name: called,
    className,
    config,
    inboundNodes: rest.inbound_nodes,
    inputShape: plain(
      config.batch_shape ??
        config.batch_input_shape ??
        config.build_input_shape ??
        rest.build_config?.input_shape,
    ),
  };
}

/** The same class name in another module would be another layer. */
function checkModule(where: string, module: string | null | undefined, className: string): void {
  if (module?.startsWith('keras.src.ops'))
    throw badModel(
      where,
      'a layer',
      `the operation ${printable(className)}`,
      'use a layer in its place, such as Activation',
    );
  if (module && !/^(tensorflow\.(python\.)?|tf_)?keras(\.|$)/.test(module))
    throw badModel(
      where,
      'a class of Keras',
      `${printable(className)} of the module ${printable(module)}`,
      'code of others is never run: use layers of Keras',
    );
}

/** The model in a file. @throws DistillError 'bad-file' when it holds none, or one of tensorflow's graphs in the place of layers. */
export function modelEntry(file: string, json: Fields): Entry {
  const topology = json.modelTopology ?? json;
  const model = isFields(topology) ? (topology.model_config ?? topology) : topology;
  if (json.format === 'graph-model' || (isFields(model) && Array.isArray(model.node)))
    throw badModel(
      file,
      'a model of layers',
      'a graph of operations (graph-model)',
      'convert it to a layers model, or save model.to_json()',
    );
  if (!isFields(model)) throw badModel(file, 'a model as an object', show(model), 'save model.to_json()');
  // The earliest Keras 2 wrote a Sequential's layers as its config.
  const { config } = model;
  return entryOf(file, '', Array.isArray(config) ? { ...model, config: { layers: config } } : model);
}

/** A list that Python's types are written around: {"class_name": "__tuple__", "items": […]}, TensorShape too; anything else as it is. */
export const plain = (value: unknown): unknown =>
  isFields(value) && (value.class_name === '__tuple__' || value.class_name === 'TensorShape')
    ? value.items
    : value;
