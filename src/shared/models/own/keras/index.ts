/** @file A Keras model, whoever wrote it, as a list of layers. In: parsed JSON. Out: checked layers, the input's shape, and notices of what of the file has no
 *  effect here. Weights are not read. */
import { badModel, type Fields, printable, unknownName } from '../complaints.ts';
import type { OwnLayer } from '../layerSpecs.ts';
import { layersInOrder } from './chain.ts';
import { type Entry, modelEntry } from './entries.ts';
import { imageAxes, inputAxes } from './input.ts';
import { kerasLayers, noises } from './layers.ts';
import { startsWeights } from './reading.ts';
import { refusalOf } from './refused.ts';

export interface KerasModel {
  readonly name: string | undefined;
  readonly layers: readonly OwnLayer[];
  readonly notices: readonly string[];
  readonly inputShape: readonly number[] | undefined;
}

/** @throws DistillError 'bad-file' that names the first layer that can't be read by position, name and class. */
export function parseKeras(json: Fields, file: string, layerLimit: number): KerasModel {
  const model = modelEntry(file, json);
  const entries = layersInOrder(file, model, layerLimit);
  const axes = inputAxes(model, entries[0]!);
  const layers: OwnLayer[] = [];
  let rank = axes && axes.length + 1;
  for (const entry of entries) {
    for (const layer of read(entry, rank)) {
      layers.push(layer);
      rank = rankAfter(layer, rank);
    }
  }
  const { flattened, inputShape } = imageAxes(axes, layers[0], entries[0]!.where);
  if (flattened) layers.unshift({ layer: 'flatten' });
  return { name: ownName(model), layers, inputShape, notices: notices(json, entries, flattened) };
}

function read(entry: Entry, rank: number | undefined): readonly OwnLayer[] {
  const { where, className } = entry;
  if (Object.hasOwn(kerasLayers, className)) return kerasLayers[className]!(entry.config, { where, rank });
  const refusal = refusalOf(className);
  if (refusal === undefined)
    throw unknownName(where, className, Object.keys(kerasLayers), { what: 'one of the layers' });
  throw badModel(where, 'a layer that can be read', `${className}: ${refusal.because}`, refusal.fix);
}

/** Axes of what a layer gives, with that of the batch. */
function rankAfter(layer: OwnLayer, rank: number | undefined): number | undefined {
  if (layer.layer === 'conv' || layer.layer === 'averagePool' || layer.layer === 'maxPool') return 4;
  if (layer.layer === 'flatten' || layer.layer === 'globalAveragePool') return 2;
  return layer.layer === 'reshape' ? layer.shape.length + 1 : rank;
}

/** The model's name, unless Keras made it up. */
function ownName({ config: { name } }: Entry): string | undefined {
  const given = typeof name === 'string' ? printable(name).trim() : '';
  return given === '' || /^(sequential|functional|model)(_?\d+)?$/.test(given) ? undefined : given;
}

/** What of the file has no effect. */
function notices(json: Fields, entries: readonly Entry[], flattened: boolean): readonly string[] {
  const list = (chosen: readonly Entry[]): string =>
    chosen.map(({ position, className }) => `${className} (layer ${position})`).join(', ');
  const startsAnything = entries.some(({ config }) =>
    Object.entries(config).some(([name, value]) => startsWeights.test(name) && value !== null),
  );
  const noisy = entries.filter(({ className }) => Object.hasOwn(noises, className));
  const frozen = entries.filter(({ config }) => config.trainable === false);
  return [
    startsAnything || json.weightsManifest !== undefined
      ? 'weights are drawn by --init: initialisers, regularisers, constraints and weights of the file have no effect'
      : '',
    noisy.length > 0 ? `no noise is added, so these have no effect: ${list(noisy)}` : '',
    frozen.length > 0 ? `all weights are learned, though the file says otherwise of ${list(frozen)}` : '',
    flattened ? 'images are flattened first, since the model takes features' : '',
  ].filter(text => text !== '');
}
