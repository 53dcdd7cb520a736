/** @file A user's own network from a file. In: a layer list or a Keras model, told apart by what stands in it. Out: layers. Everything in the file is checked,
 *  nothing in it is run, weights are not read. */
import { basename } from 'node:path';
import { readWhole } from '../../artifacts/reading.ts';
import { parseStrictJson } from '../../artifacts/strictJson.ts';
import { messageOf } from '../../errors.ts';
import { badModel, isFields, printable, seeDocs, show } from './complaints.ts';
import { parseKeras } from './keras/index.ts';
import { parseLayerList } from './layerList.ts';
import type { OwnLayer } from './layerSpecs.ts';
import { classesOf } from './misfit.ts';

/** A network as a file describes it. */
export interface OwnModel {
  /** The model's own name, else the file's without its ending. */
  readonly name: string;
  /** Without the softmax at the end, if there was one: the loss takes logits. */
  readonly layers: readonly OwnLayer[];
  /** What of the file has no effect, a sentence each. */
  readonly notices: readonly string[];
  /** Of one sample, where the file says it: [H, W, C], [H, W] or [features]. */
  readonly inputShape?: readonly number[];
  /** Number of outputs, where the file says it. */
  readonly classes?: number;
}

/** A topology has a few kilobytes; beside it a model.json lists its weights, which lie in other files. */
const fileLimitBytes = 2 ** 20;
const layerLimit = 200;
/** Of objects and lists inside one another; a Keras model has about ten, and two more for each model inside it. */
const depthLimit = 64;

/** @throws DistillError 'bad-file' when it can't be read, or describes no network that can be built of our layers. */
export async function readModel(path: string): Promise<OwnModel> {
  const bytes = await readWhole(path, 'a model', fileLimitBytes);
  const start = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  const fix = 'save model.to_json() in a file of its own';
  if (start === 'PK\x03\x04' || start === '\x89HDF')
    throw badModel(path, 'a model as JSON', 'a model and its weights (.keras, .h5)', fix);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw badModel(path, 'a model as JSON', 'bytes that are no text', fix, cause);
  }
  return parseModel(text, path);
}

/** The model that a file's text describes.
 *  @param where names the file in messages, and the model if it has no name
 *  @throws      DistillError 'bad-file', as `readModel` */
export function parseModel(text: string, where: string): OwnModel {
  const json = parsed(text, where);
  const isList = Array.isArray(json) || (isFields(json) && Object.hasOwn(json, 'layers'));
  if (!isList && !isFields(json))
    throw badModel(
      where,
      'a list of layers or a Keras model',
      show(json),
      typeof json === 'string' ? 'it is JSON inside a string: save model.to_json() as it is' : seeDocs,
    );
  const { name, layers, notices, inputShape } = isList
    ? { ...parseLayerList(json, where, layerLimit), notices: [], inputShape: undefined }
    : parseKeras(json, where, layerLimit);
  const softmaxLast = layers.at(-1)?.layer === 'softmax';
  const kept = softmaxLast ? layers.slice(0, -1) : layers;
  if (!kept.some(({ layer }) => layer === 'dense' || layer === 'conv'))
    throw badModel(where, 'a layer that learns, dense or conv', 'none');
  const classes = classesOf(kept);
  return {
    name: name ?? printable(basename(where).replace(/\.json$/i, '')),
    layers: kept,
    notices: softmaxLast
      ? [...notices, 'the softmax at the end is left out: the loss takes logits']
      : notices,
    ...(inputShape && { inputShape }),
    ...(classes !== undefined && { classes }),
  };
}

function parsed(text: string, where: string): unknown {
  if (text.length > fileLimitBytes)
    throw badModel(where, `a model of at most ${fileLimitBytes} characters`, String(text.length));
  let json: unknown;
  try {
    json = parseStrictJson(text);
  } catch (cause) {
    throw badModel(where, 'a model as JSON', printable(messageOf(cause)), seeDocs, cause);
  }
  // Level by level: what recurses later on may rely on it.
  for (let [level, depth] = [[json], 0]; level.length > 0; depth++) {
    if (depth > depthLimit)
      throw badModel(where, `at most ${depthLimit} levels of lists and objects`, 'more');
    level = level.flatMap(value => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return json;
}
