import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/checkpoints/index.ts';
import { contentChecksum } from '../../src/shared/artifacts/contentChecksum.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '../../src/shared/artifacts/index.ts';
import { DistillError } from '../../src/shared/errors.ts';
import { anySnapshot, checkpointAt } from './samples.ts';

const { origin } = checkpointAt(1);

test('every checkpoint is read as it was written, to the last bit', () =>
  fc.assert(
    fc.property(anySnapshot, snapshot => {
      const bytes = encodeCheckpoint({ snapshot, origin });
      const read = decodeCheckpoint(bytes, 'file');
      expect(read).toEqual({ snapshot, origin });
      expect(encodeCheckpoint(read)).toEqual(bytes); // NaN, −0 and all
    }),
  ));

test('the sha256 of pre-trained networks comes along', () => {
  const trained = { ...checkpointAt(2), origin: { ...origin, networks: 'a'.repeat(64) } };
  expect(decodeCheckpoint(encodeCheckpoint(trained), 'file')).toEqual(trained);
});

describe('damage is refused', () => {
  const refused = (bytes: Uint8Array): void => {
    expect(() => decodeCheckpoint(bytes, 'file')).toThrow(DistillError);
    expect(() => decodeCheckpoint(bytes, 'file')).toThrow(expect.objectContaining({ code: 'bad-file' }));
  };
  const bytes = encodeCheckpoint(checkpointAt(3));

  test('a file that is cut off anywhere', () =>
    fc.assert(fc.property(fc.nat(bytes.length - 1), length => refused(bytes.slice(0, length)))));

  test('a byte that is another, anywhere', () =>
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at]! ^= change;
        const blank = damaged[at] === 0x20 || [0x09, 0x0a, 0x0d, 0x20].includes(bytes[at]!);
        fc.pre(!blank); // one blank for another in the header is no damage
        refused(damaged);
      }),
      { numRuns: 500 },
    ));

  /** The file with another content, and the checksum that goes with it. */
  const forged = (
    change: (file: { tensors: Safetensors['tensors']; metadata: Record<string, string> }) => Safetensors,
  ) => {
    const { tensors, metadata } = decodeSafetensors(bytes, 'file');
    const { content_sha256: _, ...said } = metadata;
    const file = change({ tensors, metadata: said });
    return encodeSafetensors(file.tensors, { ...file.metadata, content_sha256: contentChecksum(file) });
  };

  test.each<[string, Parameters<typeof forged>[0]]>([
    ['of another format', file => ({ ...file, metadata: { ...file.metadata, format: 'distill-cluster' } })],
    ['of a later version', file => ({ ...file, metadata: { ...file.metadata, format_version: '2' } })],
    ['without a step', file => ({ ...file, metadata: { ...file.metadata, step: '0' } })],
    ['without its labels', ({ tensors: { labels: _, ...tensors }, metadata }) => ({ tensors, metadata })],
    [
      'with moments of another size',
      file => ({
        ...file,
        tensors: { ...file.tensors, 'first.eta': { shape: [1], data: Float64Array.of(1) } },
      }),
    ],
    [
      'with a candidate that is not there',
      file => ({
        ...file,
        metadata: { ...file.metadata, candidates: '[{"step":1,"accuracy":{"mean":0,"std":0,"nets":1}}]' },
      }),
    ],
  ])('a file %s', (_, change) => refused(forged(change)));

  test('the tool that forges leaves a good file good', () =>
    expect(
      decodeCheckpoint(
        forged(file => file),
        'file',
      ),
    ).toEqual(checkpointAt(3)));
});
