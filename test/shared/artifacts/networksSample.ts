/** @file Trained networks to be written to files: a sample, any, and files that are forged. */
import fc from 'fast-check';
import { contentChecksum } from '../../../src/shared/artifacts/contentChecksum.ts';
import {
  decodeSafetensors,
  encodeNetworks,
  encodeSafetensors,
  type Networks,
  type StoredTensor,
} from '../../../src/shared/artifacts/index.ts';
import { name } from './arbitraries.ts';

export const sample: Networks = {
  architectures: {
    logreg: {
      layers: [{ layer: 'flatten' }, { layer: 'dense', units: 2 }],
      count: 3,
      weights: Float32Array.from({ length: 12 }, (_, i) => i / 8),
      loss: 0.5,
      accuracy: { mean: 0.75, std: 0.125, nets: 1 },
    },
    './mine.json': {
      layers: [{ layer: 'flatten' }],
      count: 1,
      weights: Float32Array.of(-1, 2),
      loss: 0.25,
      accuracy: { mean: 1, std: 0, nets: 1 },
    },
  },
  dataset: 'dots',
  dataChecksum: '0'.repeat(64),
  classNames: ['a', 'b'],
  imageShape: [1, 1, 1],
  normalisation: { mean: [0.5], std: [0.25] },
  models: 'logreg,./mine.json',
  epochs: 2,
  seed: 7,
  createdBy: 'test',
};
export const encoded = encodeNetworks(sample);

export const networks: fc.Arbitrary<Networks> = fc
  .record({
    channels: fc.integer({ min: 1, max: 3 }),
    pools: fc.uniqueArray(
      fc.record({
        name: name.filter(text => !text.startsWith('__')), // __metadata__ is the format's own
        count: fc.integer({ min: 1, max: 4 }),
        size: fc.integer({ min: 1, max: 5 }),
        value: fc.float({ noNaN: true, noDefaultInfinity: true }),
        loss: fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        units: fc.nat(),
      }),
      { minLength: 1, maxLength: 4, selector: pool => pool.name },
    ),
    text: fc.string(),
    seed: fc.nat(),
  })
  .map(({ channels, pools, text, seed }) => ({
    ...sample,
    architectures: Object.fromEntries(
      pools.map(({ name: architecture, count, size, value, loss, share, units }) => [
        architecture,
        {
          layers: [{ layer: text, units }],
          count,
          weights: Float32Array.from({ length: count * size }, (_, i) => (i % 2 === 0 ? value : -value)),
          loss,
          accuracy: { mean: share, std: share / 2, nets: count },
        },
      ]),
    ),
    imageShape: [2, 3, channels] as const,
    normalisation: { mean: new Array(channels).fill(0.5), std: new Array(channels).fill(0.25) },
    models: text,
    seed,
  }));

/** The sample's file with other metadata and tensors under a right checksum. */
export function forged(
  changes: Record<string, string>,
  others: Readonly<Record<string, StoredTensor>> = {},
): Uint8Array {
  const file = decodeSafetensors(encoded, 'here');
  const { content_sha256: _, ...said } = { ...file.metadata, ...changes };
  const tensors = { ...file.tensors, ...others };
  return encodeSafetensors(tensors, {
    ...said,
    content_sha256: contentChecksum({ tensors, metadata: said }),
  });
}

export const floats = (...shape: number[]): StoredTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
