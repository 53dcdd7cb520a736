/** @file A data set, from its name or path to pixels in shared memory. In: a name. Out: images, labels, normalisation, checksum. Everything that arrives is
 *  checked: each IDX file by itself in idx.ts, the four against each other here, other kinds by their readers. */
import { createHash } from 'node:crypto';
import { distance } from 'fastest-levenshtein';
import type { DistillError } from '../errors.ts';
import { assemble } from './assemble.ts';
import { catalogue, type FileName, type KnownDataSet } from './catalogue.ts';
import { cifarClasses, readCifar10 } from './cifar.ts';
import { misplaced } from './content.ts';
import { readFile } from './files.ts';
import { bad, checkLabels, type Idx, type IdxKind, limits, type Origin, parseIdx } from './idx.ts';
import { normalisationOf } from './normalisation.ts';
import type { ReadingOptions } from './options.ts';
import { kindOf, kinds, loadPath } from './paths.ts';
import { reshaped } from './reshape.ts';
import { findFiles, type SourceOptions } from './sources.ts';
import type { DataSet, ImageSet } from './types.ts';

/** How each data set that has a name is read; anything else is a path. */
const named = {
  mnist: options => loadIdx(catalogue.mnist, options),
  'fashion-mnist': options => loadIdx(catalogue['fashion-mnist'], options),
  cifar10: async options => {
    const { source, ...content } = await readCifar10(options.dataDir, options.signal);
    return assemble(content, options, { name: 'cifar10', source, classNames: cifarClasses });
  },
} as const satisfies Record<string, (options: NamedOptions) => Promise<DataSet>>;

type NamedOptions = SourceOptions & ReadingOptions & { readonly signal: AbortSignal };

const loadIdx = async (known: KnownDataSet, options: NamedOptions): Promise<DataSet> =>
  reshaped(await loadKnown(known, options), options);

type Name = keyof typeof named;
export const dataSetNames = Object.keys(named) as readonly Name[];

export interface LoadOptions extends SourceOptions, ReadingOptions {
  /** One of `dataSetNames`, else the path of a folder of class folders, a .npz, .csv or .csv.gz. */
  readonly name: string;
}

/** Reads a data set whole into shared memory; MNIST and Fashion-MNIST are downloaded if they are nowhere on this machine.
 *  @returns  train and test images (n, H, W, C) of one H×W×C, labels of 0 … K−1; `normalisation` and `checksum` as types.ts says
 *  @throws   DistillError 'bad-data' (a file is not what it should be), 'no-data' (a file is absent), 'output' (the cache can't be written),
 *            'usage' (an unknown name, an option that does not go with it); each names the file, URL or directory. `signal.reason` after an abort.
 *  Cost: MNIST takes 0.2 s from plain files, 0.5 s from gzipped ones, 55 MB to keep and 100 MB more for a moment; pictures, docs/data.md.
 *  @example  const { train } = await loadDataSet({ name: 'mnist' });
 *  @example  const { train } = await loadDataSet({ name: 'birds/', imageSize: '32' }); */
export async function loadDataSet({ name, ...options }: LoadOptions): Promise<DataSet> {
  const { signal = new AbortController().signal } = options;
  if (!isKnown(name)) {
    const kind = await kindOf(name);
    if (kind === undefined) throw unknown(name);
    return loadPath(name, kind, options, signal);
  }
  refuseReading(name, options);
  return named[name]({ ...options, signal });
}

const isKnown = (name: string): name is Name => Object.hasOwn(named, name);

/** As the user may have meant a name or a path, both are told; of a far-off word no nearest name. */
function unknown(name: string): DistillError {
  const [nearest] = [...dataSetNames].sort((a, b) => distance(a, name) - distance(b, name));
  const near = distance(nearest!, name) < nearest!.length / 2 ? `did you mean ${nearest}? Else ` : '';
  return misplaced(
    'dataset',
    `one of ${dataSetNames.join(', ')}, or the path of ${kinds}`,
    `'${name}'`,
    `${near}name the data set with --dataset PATH`,
  );
}

/** What a known data set consists of is known: nothing is left to be told about its columns and parts. */
function refuseReading(name: Name, { labelColumn, pixelMax = 'auto', testData }: ReadingOptions): void {
  const given = { labelColumn, testData, pixelMax: pixelMax === 'auto' ? undefined : pixelMax };
  for (const [option, value] of Object.entries(given))
    if (value !== undefined) throw misplaced(option, 'a path as data set', name, `leave ${option} out`);
}

/** `loadDataSet` for anything with a catalogue entry. */
export async function loadKnown(known: KnownDataSet, options: SourceOptions = {}): Promise<DataSet> {
  const { paths, source, fix } = await findFiles(known, options);
  const hash = createHash('sha256');
  const read = async (name: FileName, kind: IdxKind): Promise<ReadIdx> => {
    options.signal?.throwIfAborted();
    const origin = { path: paths[name], fix };
    const { content, ...idx } = parseIdx(await readFile(origin.path, limits.bytes, fix), kind, origin);
    hash.update(content);
    return { ...idx, origin };
  };
  const trainImages = await read('train-images-idx3-ubyte', 'images');
  const trainLabels = await read('train-labels-idx1-ubyte', 'labels');
  const testImages = await read('t10k-images-idx3-ubyte', 'images');
  const testLabels = await read('t10k-labels-idx1-ubyte', 'labels');
  const { height, width } = trainImages;
  if (testImages.height !== height || testImages.width !== width)
    throw bad(
      testImages.origin,
      `images of ${height}×${width} as in ${trainImages.origin.path}`,
      `${testImages.height}×${testImages.width}`,
    );
  return {
    name: known.name,
    classNames: known.classNames,
    imageShape: [height, width, 1],
    train: join(trainImages, trainLabels, known.classNames.length),
    test: join(testImages, testLabels, known.classNames.length),
    normalisation: normalisationOf(trainImages.values, 1),
    checksum: hash.digest('hex'),
    source,
  };
}

type ReadIdx = Omit<Idx, 'content'> & { readonly origin: Origin };

function join(images: ReadIdx, labels: ReadIdx, classCount: number): ImageSet {
  if (labels.count !== images.count)
    throw bad(
      labels.origin,
      `${images.count} labels, one per image of ${images.origin.path}`,
      `${labels.count}`,
    );
  checkLabels(labels.values, classCount, labels.origin);
  return { count: images.count, images: images.values, labels: labels.values };
}
