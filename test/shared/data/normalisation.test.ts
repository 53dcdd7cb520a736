import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalisationOf } from '../../../src/shared/data/normalisation.ts';

const channels = fc.integer({ min: 1, max: 4 });
const pixels = (channels: number) =>
  fc
    .uint8Array({ minLength: channels, maxLength: 60 })
    .map(bytes => bytes.subarray(0, bytes.length - (bytes.length % channels)));

test('after normalising, each channel has mean 0 and deviation 1', () =>
  fc.assert(
    fc.property(
      channels.chain(c => fc.tuple(fc.constant(c), pixels(c))),
      ([c, bytes]) => {
        const { mean, std } = normalisationOf(bytes, c);
        expect([mean.length, std.length]).toEqual([c, c]);
        for (let k = 0; k < c; k++) {
          const channel = Array.from(bytes).filter((_, i) => i % c === k);
          const seen = channel.map(pixel => (pixel / 255 - mean[k]!) / std[k]!);
          const power = seen.reduce((sum, x) => sum + x * x, 0) / seen.length;
          expect(seen.reduce((sum, x) => sum + x, 0) / seen.length).toBeCloseTo(0, 10);
          expect(power).toBeCloseTo(new Set(channel).size > 1 ? 1 : 0, 10);
        }
      },
    ),
    { seed: 3 },
  ));

test('a channel that never changes gets deviation 1', () =>
  expect(normalisationOf(Uint8Array.of(51, 0, 51, 255), 2)).toEqual({ mean: [0.2, 0.5], std: [1, 0.5] }));

test('the order of the images does not matter, to the last bit', () =>
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), bytes => {
      expect(normalisationOf(bytes.slice().sort(), 1)).toEqual(normalisationOf(bytes, 1));
    }),
    { seed: 4 },
  ));
