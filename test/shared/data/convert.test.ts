import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { convert } from '../../../src/shared/data/convert.ts';
import { resized } from '../../../src/shared/data/resize.ts';
import { stream } from '../../../src/shared/random/index.ts';

/** Soft images: noise would differ by more where kernels are rounded. */
const soft = (count: number, height: number, width: number, channels: number): Uint8Array => {
  const phase = stream(1, 'images');
  const phases = Array.from({ length: count * channels }, () => 6 * phase.uniform());
  return Uint8Array.from({ length: count * height * width * channels }, (_, i) => {
    const [c, x] = [i % channels, Math.floor(i / channels) % width];
    const y = Math.floor(i / channels / width) % height;
    const n = Math.floor(i / channels / width / height);
    return 128 + 100 * Math.sin(phases[n * channels + c]! + (3 * x) / width + (2 * y) / height);
  });
};

describe('resizing', () => {
  test.each([
    [28, 28, 1, 8, 8, 6],
    [28, 28, 1, 16, 20, 6],
    [32, 30, 3, 28, 28, 6],
    [8, 8, 1, 28, 28, 20], // sharp enlarges with a cubic kernel
  ])('%i×%i×%i to %i×%i is near to what sharp makes of it', async (h, w, channels, H, W, most) => {
    const pixels = soft(3, h, w, channels);
    const ours = resized(pixels, [h, w, channels], [H, W]);
    expect(ours.length).toBe(3 * H * W * channels);
    for (let n = 0; n < 3; n++) {
      const raw = pixels.slice(n * h * w * channels, (n + 1) * h * w * channels);
      const image = sharp(raw, { raw: { width: w, height: h, channels: channels as 1 | 3 } });
      const theirs = await image
        .resize({ width: W, height: H, fit: 'fill', kernel: 'lanczos3' })
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer();
      const differences = Array.from(theirs, (value, i) => Math.abs(value - ours[n * theirs.length + i]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(most);
      expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(most / 3);
    }
  });

  test('one colour stays that colour, to the same size nothing changes', () => {
    expect(new Set(resized(new Uint8Array(7 * 5 * 3).fill(77), [7, 5, 3], [3, 11]))).toEqual(new Set([77]));
    const pixels = soft(2, 6, 5, 3);
    expect(resized(pixels, [6, 5, 3], [6, 5])).toEqual(pixels);
  });

  test('an edge does not overshoot around 0 and 255', () => {
    const pixels = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const row = Array.from(resized(pixels, [8, 8, 1], [8, 24]).subarray(0, 24));
    expect(row.slice(0, 6).every(value => value < 40)).toBe(true);
    expect(row.slice(-6).every(value => value > 215)).toBe(true);
  });
});

describe('channels', () => {
  test('grey to colour and back is nothing', () => {
    const pixels = soft(2, 3, 4, 1);
    const colour = convert({ pixels, shape: [3, 4, 1], where: 'here' }, [3, 4, 3]);
    expect(Array.from(colour.subarray(0, 3))).toEqual(new Array(3).fill(pixels[0]));
    expect(convert({ pixels: colour, shape: [3, 4, 3], where: 'here' }, [3, 4, 1])).toEqual(pixels);
  });

  test('as it is, it is not copied', () => {
    const pixels = soft(2, 3, 4, 1);
    expect(convert({ pixels, shape: [3, 4, 1], where: 'here' }, [3, 4, 1])).toBe(pixels);
  });

  test('too much memory is told before it is taken', () => {
    const pixels = new Uint8Array(100);
    expect(() => convert({ pixels, shape: [1, 1, 1], where: 'here' }, [4096, 4096, 1])).toThrow(
      'here: expected at most 1073741824 bytes of pixels, found 100 images of 4096×4096×1; use fewer images',
    );
  });
});
