/** @file A job on its way to a worker that shares no memory with the coordinator. In: a job. Out: a small frame (config, layers, who the data are), and blobs, pixels and
 *  pre-trained weights, that the frame names by their sha256. How a blob travels is the transport's. Everything that arrives is checked; no path in it is opened. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Architectures,
  type Job,
  layersAsData,
  type Pool,
  resolveConfig,
  withoutConnection,
} from '../config/index.ts';
import type { DataSet, ImageSet } from '../data/index.ts';
import { DistillError } from '../errors.ts';
import { decodeFrame, encodeFrame, foreign } from '../messages/index.ts';
import { ownLayer, withClasses } from '../models/own/index.ts';

/** Bytes with a name. */
export interface Blob {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** The frame of a job, and what it names. */
export interface Description {
  readonly frame: Uint8Array;
  readonly blobs: readonly Blob[];
}

/** The frame and the blobs of `job`. Cost: one copy of the pixels and their sha256. */
export function describeJob({ config, data, architectures, pools = {} }: Job): Description {
  const pixels = blobOf(dataBlob(data));
  const weights = Object.entries(pools).map(
    ([name, { count, weights: all }]) => [name, count, blobOf(bytesOf(all))] as const,
  );
  const { train, test, ...identity } = data;
  const frame = encodeFrame('job', {
    config: withoutConnection(config),
    architectures: Object.fromEntries(
      Object.entries(architectures).map(([name, own]) => [name, { ...own, layers: layersAsData(own) }]),
    ),
    data: { ...identity, train: train.count, test: test.count, sha256: pixels.sha256 },
    pools: Object.fromEntries(weights.map(([name, count, { sha256 }]) => [name, { count, sha256 }])),
  });
  return { frame, blobs: [pixels, ...weights.map(([, , blob]) => blob)] };
}

/** A data set's pixels and labels, training images first: the bytes that its sha256 is of. */
export const dataBlob = ({ train, test }: Pick<DataSet, 'train' | 'test'>): Uint8Array =>
  Buffer.concat([train.images, train.labels, test.images, test.labels]);

const blobOf = (bytes: Uint8Array): Blob => ({ sha256: sha256(bytes), bytes });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const text = z.string().max(4096);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0).max(1_000_000);
const perChannel = (value: z.ZodNumber) => z.array(value).min(1).max(3);
const DataFields = z.strictObject({
  name: text,
  classNames: z.array(text).min(1).max(256),
  imageShape: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096), z.int().min(1).max(3)]),
  normalisation: z.strictObject({ mean: perChannel(z.number()), std: perChannel(z.number().positive()) }),
  checksum: digest,
  source: text,
  train: count,
  test: count,
  sha256: digest,
});
const Data = DataFields.refine(
  ({ normalisation: { mean, std }, imageShape: [, , channels] }) =>
    mean.length === channels && std.length === channels,
  { path: ['normalisation'] },
);
const Schema = z.strictObject({
  config: z.record(z.string(), z.unknown()),
  architectures: z.record(
    text,
    z.strictObject({
      layers: z.array(z.unknown()).max(1000),
      temperature: z.number().positive(),
      steps: z.int().min(1),
      decay: z.boolean(),
    }),
  ),
  data: Data,
  pools: z.record(text, z.strictObject({ count: z.int().min(1).max(100_000), sha256: digest })),
});

/** Which data a run distils; `sha256` of `dataBlob`. */
export type DataIdentity = z.infer<typeof Data>;

/** A job without its blobs, checked. */
export interface Decoded {
  readonly job: Omit<Job, 'data' | 'pools'>;
  readonly data: DataIdentity;
  readonly pools: z.infer<typeof Schema>['pools'];
}

/** @throws DistillError 'bad-file' when the frame is no job; 'usage' when its config is none. */
export function decodeDescription(frame: Uint8Array): Decoded {
  const { data: read, error } = Schema.safeParse(decodeFrame(frame, 'job'));
  if (error) throw foreign('job', `${error.issues[0]!.path.join('.') || 'value'}: another one`);
  const classes = read.data.classNames.length;
  const architectures: Architectures = Object.fromEntries(
    Object.entries(read.architectures).map(([name, own]) => [
      name,
      {
        ...own,
        layers: withClasses(
          own.layers.map((layer, i) => ownLayer(layer, `${name}, layer ${i}`)),
          classes,
        ),
      },
    ]),
  );
  const config = resolveConfig(read.config, option => `message 'job': ${option}`);
  return { job: { config, architectures }, data: read.data, pools: read.pools };
}

/** The job that `decoded` describes; pixels and weights lie in shared memory. `fetch` brings the blob of a sha256, which is checked here.
 *  @throws DistillError 'bad-data' for other bytes than those described. */
export async function jobFrom(
  { job, data, pools }: Decoded,
  fetch: (sha256: string) => Promise<Uint8Array>,
): Promise<Job> {
  const { train, test, sha256: pixels, ...identity } = data;
  const [height, width, channels] = data.imageShape;
  const size = height * width * channels;
  const bytes = await checked(pixels, (train + test) * (size + 1), data.name, fetch);
  let at = 0;
  const take = (length: number): Uint8Array<SharedArrayBuffer> => {
    const part = new Uint8Array(new SharedArrayBuffer(length));
    part.set(bytes.subarray(at, at + length));
    at += length;
    return part;
  };
  const part = (n: number): ImageSet => ({ count: n, images: take(n * size), labels: take(n) });
  const set: DataSet = { ...identity, train: part(train), test: part(test) };
  if ([set.train, set.test].some(({ labels }) => labels.some(label => label >= data.classNames.length)))
    throw other(data.name, `labels below ${data.classNames.length}`, 'others');
  const weights = await Promise.all(
    Object.entries(pools).map(async ([name, pool]): Promise<[string, Pool]> => {
      const what = `networks of ${name}`;
      const raw = await checked(pool.sha256, undefined, what, fetch);
      if (raw.length % (4 * pool.count) !== 0)
        throw other(what, `${pool.count} networks`, `${raw.length} bytes`);
      const shared = new Float32Array(new SharedArrayBuffer(raw.length));
      new Uint8Array(shared.buffer).set(raw);
      return [name, { count: pool.count, weights: shared }];
    }),
  );
  return { ...job, data: set, ...(weights.length > 0 && { pools: Object.fromEntries(weights) }) };
}

async function checked(
  wanted: string,
  length: number | undefined,
  what: string,
  fetch: (sha256: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const bytes = await fetch(wanted);
  if (length !== undefined && bytes.length !== length)
    throw other(what, `${length} bytes`, `${bytes.length}`);
  const found = sha256(bytes);
  if (found !== wanted) throw other(what, `bytes with sha256 ${wanted}`, found);
  return bytes;
}

const other = (what: string, expected: string, found: string): DistillError =>
  new DistillError('bad-data', what, { expected, found, fix: 'give this worker the run’s own data' });
