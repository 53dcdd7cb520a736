import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentChecksum } from '../../../src/shared/artifacts/contentChecksum.ts';
import {
  type DistilledSet,
  decodeDistilled,
  decodeNpz,
  decodeSafetensors,
  distilledNpz,
  encodeDistilled,
  encodeSafetensors,
  loadDistilled,
  saveDistilled,
} from '../../../src/shared/artifacts/index.ts';
import { damage, damaged, distilledSet } from './arbitraries.ts';
import { readOrBadFile } from './expectations.ts';

/** One that has all that a set may have. */
const whole = ({ decay, columns, architectures, attack, loss, accuracy, schedule }: DistilledSet): boolean =>
  Boolean(decay && columns && architectures && attack && loss && accuracy && schedule.batch);
const [sample] = fc.sample(distilledSet.filter(whole), { seed: 1, numRuns: 1 }) as [DistilledSet];

const encoded = encodeDistilled(sample);

/** The sample's file with other metadata under a right checksum. */
function withMetadata(changes: Record<string, string>): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(encodeDistilled(sample), 'here');
  const { content_sha256: _, ...said } = { ...metadata, ...changes };
  return encodeSafetensors(tensors, {
    ...said,
    content_sha256: contentChecksum({ tensors, metadata: said }),
  });
}

describe('a distilled set as a file', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'artifacts-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('what is written is read back, and written again gives the same bytes', () =>
    fc.assert(
      fc.property(distilledSet, set => {
        const bytes = encodeDistilled(set);
        const read = decodeDistilled(bytes, 'here');
        expect(read).toEqual(set);
        expect(encodeDistilled(read)).toEqual(bytes);
      }),
    ));

  test('the tensors and metadata have the names and shapes that others rely on', () => {
    const { tensors, metadata } = decodeSafetensors(encoded, 'here');
    const { schedule, columns, architectures, attack, loss } = sample;
    const m = sample.images.length / sample.imageShape.reduce((size, axis) => size * axis, 1);
    expect(Object.keys(tensors).sort()).toEqual(['decay', 'eta', 'images', 'labels']);
    expect(tensors.images!.shape).toEqual([m, ...sample.imageShape]);
    expect(tensors.labels!.shape).toEqual([m, sample.classNames.length]);
    expect(tensors.eta!.shape).toEqual([schedule.inner_steps, columns!.length]);
    expect(tensors.decay!.shape).toEqual(tensors.eta!.shape);
    expect(metadata).toMatchObject({
      format: 'distill-cluster',
      format_version: '2',
      models: sample.models,
    });
    for (const [name, value] of Object.entries({ schedule, columns, architectures, attack, loss }))
      expect(JSON.parse(metadata[name]!), name).toEqual(value);
    expect(JSON.parse(metadata.normalisation!)).toEqual(sample.normalisation);
    expect(JSON.parse(metadata.class_names!)).toEqual(sample.classNames);
  });

  test('what a set does not have is not in its file', () => {
    const { decay, columns, architectures, attack, loss, accuracy, ...set } = sample;
    const plain = { ...set, eta: Float32Array.of(0.02), paceShape: [] };
    const { tensors, metadata } = decodeSafetensors(encodeDistilled(plain), 'here');
    expect(tensors.eta!.shape).toEqual([]);
    expect(tensors).not.toHaveProperty('decay');
    for (const name of ['columns', 'architectures', 'attack', 'loss', 'accuracy'])
      expect(metadata).not.toHaveProperty(name);
  });

  test('one byte changed anywhere is found, or changes nothing', () => {
    for (let at = 0; at < encoded.length; at++)
      for (const change of [1, 0x20, 0x80]) {
        const bytes = Uint8Array.from(encoded);
        bytes[at]! ^= change;
        const read = readOrBadFile(() => decodeDistilled(bytes, 'here'));
        if (read) expect(read).toEqual(sample);
      }
  });

  test('damaged files are refused', () =>
    fc.assert(
      fc.property(damage, damages => {
        const read = readOrBadFile(() => decodeDistilled(damaged(encoded, damages), 'here'));
        if (read) expect(read).toEqual(sample);
      }),
      { numRuns: 1_000 },
    ));

  test.each<[string, Record<string, string>, string]>([
    ['of a later version', { format_version: '3' }, 'format version 1 or 2, found 3'],
    [
      'of another program',
      { format: 'pt' },
      'a distilled set (metadata format "distill-cluster"), found "pt"',
    ],
    ['with metadata that is no JSON', { seed: 'one' }, 'seed'],
    [
      'with a step count that is none',
      { schedule: '{"inner_steps":0,"order":"all"}' },
      'schedule.inner_steps',
    ],
    ['with an order that is none', { schedule: '{"inner_steps":3,"order":"any"}' }, 'schedule.order'],
    ['with columns that are no list', { columns: '"conv"' }, 'columns'],
    ['with layers of no kind', { architectures: '{"mine":[{"units":3}]}' }, 'architectures.mine.0.layer'],
    ['with half an attack', { attack: '{"from":"4"}' }, 'attack.to'],
    ['with a loss that is none', { loss: '"absolute"' }, 'loss'],
    ['with more names than classes', { class_names: JSON.stringify(Array(9).fill('x')) }, 'labels of shape'],
    ['with other channels', { normalisation: '{"mean":[],"std":[]}' }, 'channels'],
    ['with a standard deviation of 0', { normalisation: '{"mean":[0],"std":[0]}' }, 'normalisation.std'],
  ])('a file %s is refused by name', (_, changes, message) => {
    expect(() => decodeDistilled(withMetadata(changes), 'set.safetensors')).toThrow(message);
    readOrBadFile(() => decodeDistilled(withMetadata(changes), 'set.safetensors'));
  });

  test('a field of a later minor release is passed over', () => {
    expect(decodeDistilled(withMetadata({ poem: 'x' }), 'here')).toEqual(sample);
  });

  test('what is not finite, or does not fit together, is not written', () => {
    const images = Float32Array.from(sample.images).fill(Number.NaN, 0, 1);
    expect(() => encodeDistilled({ ...sample, images })).toThrow('finite images, found NaN at 0');
    expect(() => encodeDistilled({ ...sample, labels: new Float32Array(1000) })).toThrow(RangeError);
    expect(() => encodeDistilled({ ...sample, eta: new Float32Array(7) })).toThrow(RangeError);
    expect(() => encodeDistilled({ ...sample, dataChecksum: 'md5' })).toThrow('data.sha256');
  });

  test('saved and loaded by path; a missing, foreign or empty file is told apart', async () => {
    const path = join(directory, 'distilled.safetensors');
    await saveDistilled(path, sample);
    expect(await loadDistilled(path)).toEqual(sample);
    await expect(loadDistilled(join(directory, 'none'))).rejects.toMatchObject({
      code: 'bad-file',
      where: join(directory, 'none'),
      details: { found: 'no such file' },
    });
    await expect(loadDistilled(directory)).rejects.toMatchObject({ code: 'bad-file', where: directory });
    await writeFile(path, 'P5 28 28 255');
    await expect(loadDistilled(path)).rejects.toMatchObject({ code: 'bad-file', where: path });
    await writeFile(path, '');
    await expect(loadDistilled(path)).rejects.toMatchObject({ code: 'bad-file', where: path });
  });

  test('the .npz beside it holds the same numbers', () => {
    const arrays = decodeNpz(distilledNpz(sample), 'here');
    expect(arrays.images).toEqual(decodeSafetensors(encodeDistilled(sample), 'here').tensors.images);
    expect(arrays.mean!.data).toEqual(Float32Array.from(sample.normalisation.mean));
    expect(arrays.eta).toEqual({ shape: sample.paceShape, data: sample.eta });
    expect(arrays.decay).toEqual({ shape: sample.paceShape, data: sample.decay });
    expect([...arrays.inner_steps!.data]).toEqual([sample.schedule.inner_steps]);
    expect([...arrays.inner_epochs!.data]).toEqual([sample.schedule.epochs]);
    expect(new TextDecoder().decode(arrays.class_names!.data).split('\n')).toEqual(sample.classNames);
  });
});
