/** @file From a model to its layers in the order in which an image passes them. In: a Sequential, or a Functional that is a plain chain; models inside are
 *  taken apart. Out: entries. Knows no layer. */
import { badModel, isFields, printable, show } from '../complaints.ts';
import { type Entry, entryOf } from './entries.ts';

const modelClasses = ['Sequential', 'Functional', 'Model'];

/** @param layerLimit the most layers that are read
 *  @throws DistillError 'bad-file' that names the layer at which it is no chain. */
export function layersInOrder(file: string, model: Entry, layerLimit: number): readonly Entry[] {
  if (!modelClasses.includes(model.className))
    throw badModel(
      model.where,
      'a Sequential or Functional model',
      `the class ${printable(model.className)}`,
      'a model that is Python code can’t be read from a file: build it of layers',
    );
  const { layers } = model.config;
  if (!Array.isArray(layers)) throw badModel(model.where, 'layers, a list', show(layers));
  checkCount(layers);
  const prefix = model.position === '' ? '' : `${model.position}.`;
  const entries = layers.map((layer, i) => entryOf(file, `${prefix}${i}`, layer));
  const ordered = model.className === 'Sequential' ? entries : chained(model, entries);
  const all = ordered.flatMap(entry =>
    modelClasses.includes(entry.className) || Array.isArray(entry.config.layers)
      ? layersInOrder(file, entry, layerLimit)
      : [entry],
  );
  checkCount(all);
  return all;

  function checkCount({ length }: readonly unknown[]): void {
    if (length < 1 || length > layerLimit)
      throw badModel(model.where, `1 to ${layerLimit} layers`, String(length), 'change the model');
  }
}

const chainFix = 'a net must be a plain chain of layers';

/** The entries of a Functional model from its input to its output. */
function chained(model: Entry, entries: readonly Entry[]): readonly Entry[] {
  const input = onlyOne(model, 'input');
  const output = onlyOne(model, 'output');
  const sources = new Map(entries.map(entry => [entry.name, tensorsIn(entry.inboundNodes)]));
  for (const entry of entries) checkWays(entry, entries, sources, output);
  // It ends: an output that goes one way leads to no layer a second time.
  const way: Entry[] = [];
  for (let name: string | undefined = output; name !== undefined; name = sources.get(name)?.[0]) {
    const entry = entries.find(({ name: its }) => its === name);
    if (entry === undefined) {
      const after = way.at(-1) ?? model;
      throw badModel(after.where, 'a layer of the file before it', `'${printable(name)}'`, chainFix);
    }
    way.push(entry);
  }
  const beside = entries.find(
    entry => !way.includes(entry) || (entry === way.at(-1)) !== (entry.name === input),
  );
  if (beside)
    throw badModel(
      beside.where,
      'a layer on the way from the input to the output',
      'one beside it',
      chainFix,
    );
  return way.reverse();
}

/** @throws DistillError 'bad-file' unless at most one tensor goes into the entry, once, and one comes out of it. */
function checkWays(
  entry: Entry,
  entries: readonly Entry[],
  sources: ReadonlyMap<string, readonly string[]>,
  output: string,
): void {
  const from = sources.get(entry.name)!;
  const takers = [...sources.values(), [output]].flat().filter(name => name === entry.name).length;
  const refuse = (expected: string, found: string): never => {
    throw badModel(entry.where, expected, found, chainFix);
  };
  if (entries.some(other => other !== entry && other.name === entry.name))
    refuse('a name of its own', 'the name of another layer');
  if (Array.isArray(entry.inboundNodes) && entry.inboundNodes.length > 1)
    refuse('a layer that is used once', `${entry.inboundNodes.length} uses: its weights would be shared`);
  if (from.length > 1) refuse('one input', `${from.length}: ${printable(from.join(', '))}`);
  if (takers > 1) refuse('an output that goes one way', `${takers} ways: the net branches here`);
}

/** The name of the one layer under input_layers or output_layers. */
function onlyOne(model: Entry, end: 'input' | 'output'): string {
  const names = tensorsIn(model.config[`${end}_layers`]);
  if (names.length === 1) return names[0]!;
  throw badModel(
    model.where,
    `a model with one ${end}`,
    `${names.length}: ${printable(names.join(', '))}`,
    chainFix,
  );
}

/** The layers whose tensors a value mentions, wherever: every writer has [name, node, tensor] for a tensor, Keras 3 inside a `__keras_tensor__`. */
function tensorsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    const [name, node, tensor, ...rest] = value;
    const isTensor = typeof name === 'string' && typeof node === 'number' && typeof tensor === 'number';
    return isTensor ? [name, ...rest.flatMap(tensorsIn)] : value.flatMap(tensorsIn);
  }
  return isFields(value) ? Object.values(value).flatMap(tensorsIn) : [];
}
