import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Job, planOf, poolOf } from '../../../src/shared/config/index.ts';
import { DistillError } from '../../../src/shared/errors.ts';
import {
  type Blob,
  dataBlob,
  decodeDescription,
  describeJob,
  jobFrom,
} from '../../../src/shared/job/index.ts';
import { decodeFrame, encodeFrame, encodeTask } from '../../../src/shared/messages/index.ts';
import { parseModel, withClasses } from '../../../src/shared/models/own/index.ts';
import { stream } from '../../../src/shared/random/index.ts';
import { damage, damaged } from '../artifacts/arbitraries.ts';
import { smallJob } from '../config/jobs.ts';
import { decodedOrRefused } from '../messages/frames.ts';

const ownPath = '/models/mine.json';
const ownModel = parseModel('[{"layer":"flatten"},{"layer":"dense","units":3}]', ownPath);

/** Jobs of all kinds. */
const jobs: Readonly<Record<string, Job>> = {
  plain: smallJob(),
  'several architectures': smallJob({ models: 'logreg:2,conv:2,mlp', learnDecay: true, seed: 2 ** 40 }),
  'a model of the user’s own': {
    ...smallJob(),
    config: smallJob({ models: `logreg,${ownPath}:2` }).config,
    architectures: {
      ...smallJob().architectures,
      [ownPath]: { layers: withClasses(ownModel.layers, 3), temperature: 1, steps: 8000, decay: false },
    },
  },
  pools: withPools(smallJob({ models: 'logreg,conv', init: 'pretrained:networks.safetensors' })),
};

function withPools(job: Job): Job {
  const random = stream(3, 'pool');
  const pools = Object.entries(planOf(job).nets).map(([name, { weightCount }]) => {
    const weights = Float32Array.from({ length: 2 * weightCount }, () => random.normal());
    return [name, poolOf({ count: 2, weights })] as const;
  });
  return { ...job, pools: Object.fromEntries(pools) };
}

const from = (blobs: readonly Blob[]) => async (sha256: string) =>
  blobs.find(blob => blob.sha256 === sha256)!.bytes;
const travelled = (job: Job): Promise<Job> => {
  const { frame, blobs } = describeJob(job);
  return jobFrom(decodeDescription(frame), from(blobs));
};

describe.each(Object.entries(jobs))('%s', (_, job) => {
  test('arrives as it was sent, and so does its plan', async () => {
    const arrived = await travelled(job);
    expect(arrived).toEqual(job);
    expect(planOf(arrived).sizes).toEqual(planOf(job).sizes);
    expect(planOf(arrived).members).toEqual(planOf(job).members);
  });

  test('lies in shared memory: pixels, labels, weights', async () => {
    const { data, pools = {} } = await travelled(job);
    const arrays = [data.train, data.test].flatMap(({ images, labels }) => [images, labels]);
    for (const { buffer } of [...arrays, ...Object.values(pools).map(({ weights }) => weights)])
      expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('the frame is small, and the same for the same job', () => {
    const { frame, blobs } = describeJob(job);
    expect(frame.length).toBeLessThan(5000);
    expect(describeJob(structuredClone(job))).toEqual({ frame, blobs });
  });

  test('damaged anywhere it is refused', () =>
    fc.assert(
      fc.property(damage, damages => {
        const { frame } = describeJob(job);
        const mutant = damaged(frame, damages);
        fc.pre(!Buffer.from(mutant).equals(frame));
        expect(decodedOrRefused(() => decodeDescription(mutant))).toBeUndefined();
      }),
      { numRuns: 300 },
    ));

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['one bit', bytes => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))],
    ['a byte less', bytes => bytes.subarray(1)],
    ['a byte more', bytes => Buffer.concat([bytes, Uint8Array.of(0)])],
    ['nothing', () => new Uint8Array()],
  ])('blobs of other bytes are refused, each: %s', async (__, change) => {
    const { frame, blobs } = describeJob(job);
    for (const chosen of blobs) {
      const others = blobs.map(blob => (blob === chosen ? { ...blob, bytes: change(blob.bytes) } : blob));
      const arrival = jobFrom(decodeDescription(frame), from(others));
      await expect(arrival).rejects.toBeInstanceOf(DistillError);
      await expect(arrival).rejects.toMatchObject({ code: 'bad-data' });
    }
  });
});

interface Fields {
  config: Record<string, unknown>;
  architectures: Record<string, { layers: unknown[] }>;
  data: Record<string, unknown>;
  pools: Record<string, unknown>;
}

/** The plain job's frame with other fields. */
function changed(change: (fields: Fields) => void): Uint8Array {
  const fields = decodeFrame(describeJob(jobs.plain!).frame, 'job') as Fields;
  change(fields);
  return encodeFrame('job', fields);
}

describe('a whole frame of something else is refused', () => {
  test.each<[string, (fields: Fields) => void]>([
    ['an unknown field', fields => Object.assign(fields, { files: ['/etc/passwd'] })],
    ['a sha256 that is a path', ({ data }) => Object.assign(data, { sha256: `../../${'a'.repeat(58)}` })],
    [
      'a sha256 of a pool that is a path',
      ({ pools }) => Object.assign(pools, { logreg: { count: 1, sha256: '../x' } }),
    ],
    ['an unknown option', ({ config }) => Object.assign(config, { modle: 'logreg' })],
    ['an option out of range', ({ config }) => Object.assign(config, { innerSteps: -1 })],
    ['a layer that is none', ({ architectures }) => architectures.logreg!.layers.push({ layer: 'eval' })],
    ['images of a million rows', ({ data }) => Object.assign(data, { imageShape: [1e6, 1, 1] })],
    ['a negative count', ({ data }) => Object.assign(data, { train: -1 })],
    [
      'a normalisation of other channels',
      ({ data }) => Object.assign(data, { normalisation: { mean: [0, 0, 0], std: [1, 1, 1] } }),
    ],
    ['a spread of nothing', ({ data }) => Object.assign(data, { normalisation: { mean: [0], std: [0] } })],
    ['no data', fields => Object.assign(fields, { data: undefined })],
  ])('%s', (_, change) => {
    const frame = changed(change);
    expect(decodedOrRefused(() => decodeDescription(frame))).toBeUndefined();
  });

  test('a frame of another kind', () => {
    expect(() => decodeDescription(encodeTask({ kind: 'gradient', step: 0, member: 0, count: 1 }))).toThrow(
      /^message 'job': expected a frame of this program, found a frame of kind task/,
    );
  });
});

test.each(['train', 'test'] as const)('%s labels beyond the classes are refused', async part => {
  const job = structuredClone(jobs.plain!);
  job.data[part].labels[3] = 3; // of the classes 0 … 2
  await expect(travelled(job)).rejects.toMatchObject({
    code: 'bad-data',
    details: { expected: 'labels below 3' },
  });
});

test('weights that are no whole number of networks are refused', async () => {
  const frame = describeJob(jobs.pools!);
  const fields = decodeFrame(frame.frame, 'job') as { pools: Record<string, { count: number }> };
  fields.pools.logreg!.count = 7;
  const arrival = jobFrom(decodeDescription(encodeFrame('job', fields)), from(frame.blobs));
  await expect(arrival).rejects.toMatchObject({ code: 'bad-data', details: { expected: '7 networks' } });
});

test('no path in a job is opened: files that are there and would be refused are not looked at', async () => {
  const place = mkdtempSync(join(tmpdir(), 'distill-cluster-test-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const bad = join(place, 'bad.json');
  writeFileSync(bad, 'neither a model nor networks');
  const own = jobs['a model of the user’s own']!;
  const paths = { models: bad, dataDir: place, dataset: bad, testData: bad, init: `pretrained:${bad}` };
  const job: Job = {
    ...own,
    config: { ...own.config, ...paths },
    architectures: { [bad]: own.architectures[ownPath]! },
  };
  expect(await travelled(job)).toEqual(job);
  expect(readdirSync(place)).toEqual(['bad.json']);
  // Where the layers are missing the file is no way out.
  const { frame, blobs } = describeJob({ ...job, architectures: {} });
  const without = await jobFrom(decodeDescription(frame), from(blobs));
  expect(() => planOf(without)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('the blob of a data set is all its bytes, training images first', () => {
  const { data } = jobs.plain!;
  const bytes = dataBlob(data);
  expect(bytes).toHaveLength(80 * 37);
  expect(bytes.subarray(0, data.train.images.length)).toEqual(Buffer.from(data.train.images));
  expect(bytes.subarray(-20)).toEqual(Buffer.from(data.test.labels));
});
