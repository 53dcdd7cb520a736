import { describe, expect, test } from 'vitest';
import type { Networks } from '../../../src/shared/artifacts/index.ts';
import { layersAsData, type Options, planOf, withNetworks } from '../../../src/shared/config/index.ts';
import { DistillError } from '../../../src/shared/errors.ts';
import { smallJob } from './jobs.ts';

const options: Options = { models: 'logreg:2,conv', init: 'pretrained:nets.safetensors' };
const job = smallJob(options);
const plan = planOf(job);
const counts = { logreg: 3, conv: 2 } as const;

const trained = (name: keyof typeof counts): Networks['architectures'][string] => ({
  layers: layersAsData(job.architectures[name]!),
  count: counts[name],
  weights: Float32Array.from({ length: counts[name] * plan.nets[name]!.weightCount }, (_, i) => i),
  loss: 0.5,
  accuracy: { mean: 0.5, std: 0, nets: 1 },
});
const networks: Networks = {
  architectures: { logreg: trained('logreg'), conv: trained('conv') },
  dataset: 'other stripes',
  dataChecksum: '1'.repeat(64),
  classNames: ['a', 'b', 'c'],
  imageShape: [6, 6, 1],
  normalisation: { mean: [0.25], std: [0.5] },
  models: 'logreg,conv',
  epochs: 1,
  seed: 1,
  createdBy: 'test',
};

describe('networks from a file come into a job', () => {
  test('as pools in shared memory, one for each architecture of the run', () => {
    const { pools } = withNetworks(job, networks, 'nets.safetensors');
    expect(Object.keys(pools!)).toEqual(['logreg', 'conv']);
    for (const name of ['logreg', 'conv'] as const) {
      expect(pools![name]!.count).toBe(counts[name]);
      expect(pools![name]!.weights.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect([...pools![name]!.weights]).toEqual([...networks.architectures[name]!.weights]);
    }
    expect(Object.keys(withNetworks(smallJob({ ...options, models: 'conv' }), networks, 'x').pools!)).toEqual(
      ['conv'],
    );
  });

  test('with the pixels that they were trained on, also on another data set; all else stays', () => {
    const { data, pools: _, ...rest } = withNetworks(job, networks, 'nets.safetensors');
    const { data: own, ...others } = job;
    expect(data).toEqual({ ...own, normalisation: { mean: [0.25], std: [0.5] } });
    expect(rest).toEqual(others);
  });
});

const onlyLogreg = { logreg: networks.architectures.logreg! };
const relu = { ...trained('conv'), layers: trained('conv').layers.filter(({ layer }) => layer !== 'tanh') };
const short = { ...trained('logreg'), weights: new Float32Array(3) };

test.each<[string, Partial<Networks>, string]>([
  [
    'of larger images',
    { imageShape: [8, 8, 1] },
    'networks for images of 6×6×1 in 3 classes, as in stripes, found some for 8×8×1 in 3 classes; pretrain on this data set, or on one of that form',
  ],
  [
    'of fewer classes',
    { classNames: ['a', 'b'] },
    'networks for images of 6×6×1 in 3 classes, as in stripes, found some for 6×6×1 in 2 classes; pretrain on this data set, or on one of that form',
  ],
  [
    'of another architecture',
    { architectures: onlyLogreg },
    'networks of conv, found networks of logreg; choose --models among them, or pretrain that architecture too',
  ],
  [
    'of other sizes',
    { architectures: { ...networks.architectures, logreg: short } },
    "logreg with the run's layers, 111 weights, found other layers, 1 weights; give the same --kernel, --filters and --hidden as to pretrain",
  ],
  [
    'as large, of other layers',
    { architectures: { ...networks.architectures, conv: relu } },
    "conv with the run's layers, 71 weights, found other layers, 71 weights; give the same --kernel, --filters and --hidden as to pretrain",
  ],
])('networks %s are refused in one line', (_, changes, message) => {
  const bring = (): unknown => withNetworks(job, { ...networks, ...changes }, 'nets.safetensors');
  expect(bring).toThrow(DistillError);
  expect(bring).toThrow(`nets.safetensors: expected ${message}`);
  expect(bring).toThrow(expect.objectContaining({ code: 'usage' }));
});
