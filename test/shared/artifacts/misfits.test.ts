import { describe, expect, test } from 'vitest';
import { contentChecksum } from '../../../src/shared/artifacts/contentChecksum.ts';
import { tensorsOf } from '../../../src/shared/artifacts/distilledSet.ts';
import {
  type DistilledSet,
  decodeDistilled,
  decodeSafetensors,
  encodeDistilled,
  encodeSafetensors,
  type StoredTensor,
} from '../../../src/shared/artifacts/index.ts';
import { readOrBadFile } from './expectations.ts';

/** Four images in two parts, which are seen in turn: two inner steps, twice over. */
const fitting: DistilledSet = {
  images: Float32Array.of(0, 0.25, 0.5, 0.75),
  imageShape: [1, 1, 1],
  labels: new Float32Array(8).fill(0.5),
  eta: new Float32Array(4).fill(0.125),
  paceShape: [4],
  schedule: { inner_steps: 4, epochs: 2, order: 'steps' },
  classNames: ['a', 'b'],
  normalisation: { mean: [0], std: [1] },
  dataset: 'dots',
  dataChecksum: '0'.repeat(64),
  models: 'logreg',
  modelOptions: {},
  init: { kind: 'xavier', mu: 0, sigma: 0 },
  temperature: 1,
  seed: 1,
  createdBy: 'test',
};

/** The file of a set that nobody checked, under a right checksum. */
function forged(set: DistilledSet, others: Readonly<Record<string, StoredTensor>> = {}): Uint8Array {
  const { content_sha256: _, ...said } = decodeSafetensors(encodeDistilled(fitting), 'here').metadata;
  const { schedule, columns } = set;
  const told = { schedule: JSON.stringify(schedule), ...(columns && { columns: JSON.stringify(columns) }) };
  const metadata = { ...said, ...told };
  const tensors = { ...(tensorsOf(set) as Record<string, StoredTensor>), ...others };
  return encodeSafetensors(tensors, { ...metadata, content_sha256: contentChecksum({ tensors, metadata }) });
}

const eta = (length: number): Float32Array => new Float32Array(length).fill(0.125);
const columns = ['logreg/1.dense', 'conv/0.conv'];

test.each<[string, Partial<DistilledSet>]>([
  ['as it is', {}],
  ['one η̃ and one λ', { paceShape: [], eta: eta(1), decay: eta(1) }],
  ['a column for each layer', { paceShape: [4, 2], eta: eta(8), columns }],
  ['all images at once', { schedule: { inner_steps: 4, epochs: 1, order: 'all' } }],
  ['mini-batches of all', { schedule: { inner_steps: 4, epochs: 1, order: 'random', batch: 4 } }],
])('what fits together is taken: %s', (_, changes) => {
  const set = { ...fitting, ...changes };
  expect(decodeDistilled(forged(set), 'here')).toEqual(set);
  expect(decodeDistilled(encodeDistilled(set), 'here')).toEqual(set);
});

describe('a schedule that does not fit is neither written nor read', () => {
  const perStep = 'expected as many named columns as step sizes per inner step, found';

  test.each<[string, Partial<DistilledSet>, string]>([
    [
      'step sizes for other inner steps',
      { paceShape: [3], eta: eta(3) },
      'expected 4 step sizes, one per inner step, found 3',
    ],
    ['step sizes of three axes', { paceShape: [4, 1, 1], eta: eta(4), columns: ['x'] }, `${perStep} 1`],
    ['step sizes per layer without names', { paceShape: [4, 2], eta: eta(8) }, `${perStep} 0`],
    ['fewer names than columns', { paceShape: [4, 3], eta: eta(12), columns }, `${perStep} 2`],
    ['names without columns', { columns }, `${perStep} 2`],
    ['names for one step size', { paceShape: [], eta: eta(1), columns }, `${perStep} 2`],
    [
      'epochs that are not whole',
      { schedule: { inner_steps: 4, epochs: 3, order: 'all' } },
      'expected a multiple of 3 epochs, found 4 inner steps',
    ],
    [
      'images that cannot be cut into as many parts',
      { paceShape: [], eta: eta(1), schedule: { inner_steps: 6, epochs: 2, order: 'steps' } },
      'expected as many images for each of 3 steps, found 4 images',
    ],
    [
      'more parts than images',
      { paceShape: [], eta: eta(1), schedule: { inner_steps: 8, epochs: 1, order: 'steps' } },
      'expected as many images for each of 8 steps, found 4 images',
    ],
    [
      'mini-batches of no size',
      { schedule: { inner_steps: 4, epochs: 1, order: 'random' } },
      'expected mini-batches of at most 4, found none told',
    ],
    [
      'mini-batches of more than all',
      { schedule: { inner_steps: 4, epochs: 1, order: 'random', batch: 5 } },
      'expected mini-batches of at most 4, found 5',
    ],
    [
      'a decay that is not finite',
      { decay: Float32Array.of(0, 0, Number.NaN, 0) },
      'expected finite decay, found NaN at 2',
    ],
  ])('%s', (_, changes, message) => {
    const set = { ...fitting, ...changes };
    expect(() => encodeDistilled(set)).toThrow(RangeError);
    expect(() => encodeDistilled(set)).toThrow(message);
    expect(readOrBadFile(() => decodeDistilled(forged(set), 'set.safetensors'))).toBeUndefined();
    expect(() => decodeDistilled(forged(set), 'set.safetensors')).toThrow(`set.safetensors: ${message}`);
  });

  test('a decay of another shape than the step sizes', () => {
    expect(() => encodeDistilled({ ...fitting, decay: eta(3) })).toThrow(RangeError);
    const others = { decay: { shape: [2, 2], data: eta(4) } };
    expect(readOrBadFile(() => decodeDistilled(forged(fitting, others), 'here'))).toBeUndefined();
    expect(() => decodeDistilled(forged(fitting, others), 'here')).toThrow('decay of shape');
  });

  test('a decay of another type', () => {
    const others = { decay: { shape: [4], data: new Float64Array(4) } };
    expect(() => decodeDistilled(forged(fitting, others), 'here')).toThrow('a tensor decay of type F32');
  });
});
