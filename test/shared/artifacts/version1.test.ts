import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  type DistilledSet,
  decodeDistilled,
  decodeSafetensors,
  encodeDistilled,
  loadDistilled,
} from '../../../src/shared/artifacts/index.ts';

/** Written by release 0.1.0, format version 1, and never regenerated: what it says has to be understood for good. */
const path = fileURLToPath(new URL('../../fixtures/0.1.0/distilled.safetensors', import.meta.url));

const range = (length: number, value: (i: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, i) => value(i));

const expected: DistilledSet = {
  images: range(36, i => i / 8 - 1),
  imageShape: [4, 3, 1],
  labels: range(9, i => i / 4 - 0.5),
  eta: Float32Array.of(0.5, 0.25, 0.125, 1),
  paceShape: [4],
  schedule: { inner_steps: 4, epochs: 1, order: 'all' },
  classNames: ['one', 'two', 'three'],
  normalisation: { mean: [0.4], std: [0.3] },
  dataset: 'mnist',
  dataChecksum: '0123456789abcdef'.repeat(4),
  models: 'logreg:2',
  modelOptions: { kernel: 5, filters: 16, hidden: 128 },
  init: { kind: 'xavier', mu: 0, sigma: 0.05 },
  temperature: { logreg: 20 },
  seed: 7,
  accuracy: { mean: 0.875, std: 0.0625, nets: 20, protocol: 'schedule' },
  createdBy: 'distill-cluster 0.1.0',
};

test('a file of version 1 is read: one epoch of steps that see all images', async () => {
  expect(decodeSafetensors(readFileSync(path), path).metadata.format_version).toBe('1');
  expect(await loadDistilled(path)).toEqual(expected);
});

test('written again it is a file of version 2 of the same set', async () => {
  const bytes = encodeDistilled(await loadDistilled(path));
  expect(decodeSafetensors(bytes, 'here').metadata.format_version).toBe('2');
  expect(decodeDistilled(bytes, 'here')).toEqual(expected);
});
