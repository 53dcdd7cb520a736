import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentChecksum } from '../../../src/shared/artifacts/contentChecksum.ts';
import {
  decodeNetworks,
  decodeSafetensors,
  encodeNetworks,
  encodeSafetensors,
  loadNetworks,
  type Networks,
  type StoredTensor,
  saveNetworks,
} from '../../../src/shared/artifacts/index.ts';
import { damage, damaged } from './arbitraries.ts';
import { readOrBadFile } from './expectations.ts';
import { encoded, floats, forged, networks, sample } from './networksSample.ts';

describe('trained networks as a file', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('what is written is read back, and written again gives the same bytes', () =>
    fc.assert(
      fc.property(networks, some => {
        const bytes = encodeNetworks(some);
        const read = decodeNetworks(bytes, 'here');
        expect(read).toEqual(some);
        expect(encodeNetworks(read)).toEqual(bytes);
      }),
    ));

  test('tensors and metadata have the names and shapes that others rely on', () => {
    const { tensors, metadata } = decodeSafetensors(encoded, 'here');
    expect(tensors).toEqual({
      logreg: { shape: [3, 4], data: sample.architectures.logreg!.weights },
      './mine.json': { shape: [1, 2], data: Float32Array.of(-1, 2) },
    });
    const { content_sha256, usage, ...said } = metadata;
    expect(content_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(usage).toContain('(pixel / 255 - mean) / std');
    const { format, format_version, created_by, models, ...json } = said;
    expect({ format, format_version, created_by, models }).toEqual({
      format: 'distill-cluster networks',
      format_version: '1',
      created_by: 'test',
      models: 'logreg,./mine.json',
    });
    const values = Object.fromEntries(Object.entries(json).map(([key, text]) => [key, JSON.parse(text)]));
    expect(values).toEqual({
      data: { name: 'dots', sha256: '0'.repeat(64) },
      class_names: ['a', 'b'],
      image_shape: [1, 1, 1],
      normalisation: { mean: [0.5], std: [0.25] },
      architectures: {
        logreg: [{ layer: 'flatten' }, { layer: 'dense', units: 2 }],
        './mine.json': [{ layer: 'flatten' }],
      },
      epochs: 2,
      seed: 7,
      training_loss: { logreg: 0.5, './mine.json': 0.25 },
      accuracy: {
        logreg: { mean: 0.75, std: 0.125, nets: 1 },
        './mine.json': { mean: 1, std: 0, nets: 1 },
      },
    });
  });

  test('one byte changed anywhere is found, or changes nothing', () => {
    for (let at = 0; at < encoded.length; at++) {
      const bytes = Uint8Array.from(encoded);
      bytes[at]! ^= 1;
      const read = readOrBadFile(() => decodeNetworks(bytes, 'here'));
      if (read) expect(read).toEqual(sample);
    }
  });

  test('damaged files are refused', () =>
    fc.assert(
      fc.property(damage, damages => {
        const read = readOrBadFile(() => decodeNetworks(damaged(encoded, damages), 'here'));
        if (read) expect(read).toEqual(sample);
      }),
      { numRuns: 500 },
    ));

  const shape = 'of type F32 and shape (networks, weights)';
  test.each<[string, Record<string, string>, Record<string, StoredTensor>, string]>([
    [
      'of a later version',
      { format_version: '2' },
      {},
      'expected format version 1, found 2; read it with the program that wrote it, or a newer one',
    ],
    [
      'that is a distilled set',
      { format: 'distill-cluster' },
      {},
      'expected pre-trained networks (metadata format "distill-cluster networks"), found "distill-cluster"',
    ],
    ['with metadata that is no JSON', { seed: 'one' }, {}, 'seed'],
    ['with images of no size', { image_shape: '[1,0,1]' }, {}, 'image_shape.1'],
    ['with images of two axes', { image_shape: '[1,1]' }, {}, 'image_shape'],
    ['with no class', { class_names: '[]' }, {}, 'class_names'],
    ['with other channels', { normalisation: '{"mean":[],"std":[]}' }, {}, 'mean and std of 1 channels'],
    [
      'with a standard deviation of 0',
      { normalisation: '{"mean":[0],"std":[0]}' },
      {},
      'normalisation.std.0',
    ],
    ['with no epoch', { epochs: '0' }, {}, 'epochs'],
    ['with a loss that is none', { training_loss: '{"logreg":null}' }, {}, 'training_loss.logreg'],
    [
      'with an accuracy above 1',
      { accuracy: '{"logreg":{"mean":2,"std":0,"nets":1}}' },
      {},
      'accuracy.logreg.mean',
    ],
    [
      'with layers of no kind',
      { architectures: '{"logreg":[{"units":3}]}' },
      {},
      'architectures.logreg.0.layer',
    ],
    [
      'with layers of fewer architectures',
      { architectures: '{"logreg":[]}' },
      {},
      'expected architectures of its tensors, ./mine.json, logreg, found logreg',
    ],
    [
      'with losses of others',
      { training_loss: '{"logreg":1,"conv":1}' },
      {},
      'expected training_loss of its tensors, ./mine.json, logreg, found conv, logreg',
    ],
    [
      'with a tensor that nothing is said of',
      {},
      { conv: floats(1, 1) },
      'expected architectures of its tensors, ./mine.json, conv, logreg, found ./mine.json, logreg',
    ],
    ['with one flat vector', {}, { logreg: floats(12) }, `expected a tensor logreg ${shape}`],
    ['with three axes', {}, { logreg: floats(3, 2, 2) }, `expected a tensor logreg ${shape}`],
    ['with no network', {}, { logreg: floats(0, 4) }, `expected a tensor logreg ${shape}`],
    ['with networks of no weights', {}, { logreg: floats(3, 0) }, `expected a tensor logreg ${shape}`],
    [
      'with float64 weights',
      {},
      { logreg: { shape: [1, 2], data: new Float64Array(2) } },
      `expected a tensor logreg ${shape}, found Float64Array of shape (1, 2)`,
    ],
    [
      'with a weight that is not finite',
      {},
      { logreg: { shape: [2, 2], data: Float32Array.of(0, 0, 0, Number.NaN) } },
      'expected finite weights of logreg, found NaN in network 1',
    ],
  ])('a file %s is refused by name', (_, changes, others, message) => {
    const bytes = forged(changes, others);
    expect(readOrBadFile(() => decodeNetworks(bytes, 'nets.safetensors'))).toBeUndefined();
    expect(() => decodeNetworks(bytes, 'nets.safetensors')).toThrow('nets.safetensors: expected ');
    expect(() => decodeNetworks(bytes, 'nets.safetensors')).toThrow(message);
  });

  test('a file of no architecture is refused', () => {
    const { metadata } = decodeSafetensors(
      forged({ architectures: '{}', training_loss: '{}', accuracy: '{}' }),
      '',
    );
    const { content_sha256: _, ...said } = metadata;
    const bytes = encodeSafetensors(
      {},
      { ...said, content_sha256: contentChecksum({ tensors: {}, metadata: said }) },
    );
    expect(() => decodeNetworks(bytes, 'here')).toThrow('networks of at least one architecture, found none');
  });

  test('a field of a later minor release is passed over', () => {
    expect(decodeNetworks(forged({ poem: 'x' }), 'here')).toEqual(sample);
  });

  test.each<[string, Partial<Networks>, string]>([
    ['nothing', { architectures: {} }, 'at least one architecture'],
    ['other channels', { imageShape: [1, 1, 3] }, 'mean and std of 3 channels, found 1 and 1'],
    ['a checksum that is none', { dataChecksum: 'md5' }, 'data.sha256'],
    ['half an epoch', { epochs: 0.5 }, 'epochs'],
    [
      'weights that are not finite',
      withLogreg({ weights: new Float32Array(12).fill(Infinity) }),
      'finite weights',
    ],
    ['half a network', withLogreg({ weights: new Float32Array(13) }), 'logreg, found 13 of 3'],
    ['no network', withLogreg({ count: 0 }), 'logreg, found 12 of 0'],
    ['a loss that is not finite', withLogreg({ loss: Number.NaN }), 'training_loss.logreg'],
  ])('%s is not written', (_, changes, message) => {
    expect(() => encodeNetworks({ ...sample, ...changes })).toThrow(RangeError);
    expect(() => encodeNetworks({ ...sample, ...changes })).toThrow(message);
  });

  test('saved and loaded by path; a missing or foreign file is told apart', async () => {
    const path = join(directory, 'networks.safetensors');
    await saveNetworks(path, sample);
    expect(await loadNetworks(path)).toEqual(sample);
    await expect(loadNetworks(join(directory, 'none'))).rejects.toMatchObject({
      code: 'bad-file',
      details: { expected: 'pre-trained networks', found: 'no such file' },
    });
    for (const content of ['', 'P5 28 28 255']) {
      await writeFile(path, content);
      await expect(loadNetworks(path)).rejects.toMatchObject({ code: 'bad-file', where: path });
    }
  });
});

function withLogreg(changes: Partial<Networks['architectures'][string]>): Partial<Networks> {
  const { logreg, ...others } = sample.architectures;
  return { architectures: { ...others, logreg: { ...logreg!, ...changes } } };
}
