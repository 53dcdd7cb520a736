import { expect, test } from 'vitest';
import { shareRight } from '../../src/coordinator/judge.ts';
import { nearestNeighbours } from '../../src/evaluation/nearest.ts';
import { neighbours } from '../../src/evaluation/neighbours.ts';
import { RealImages } from '../../src/evaluation/realImages.ts';
import { labelsOf } from '../../src/evaluation/slots.ts';
import { toNetworkSpace } from '../../src/shared/data/space.ts';
import { stream } from '../../src/shared/random/index.ts';
import { fakeDesk } from './desks.ts';

const desk = fakeDesk({ images: 7 });
const { job, plan } = desk;
const real = new RealImages(job, plan);

test('the nearest neighbour is that of a naive loop', () => {
  const { test: set, normalisation } = job.data;
  const random = stream(3, 'images');
  const slots = [0, 1, 2, 0, 1, 2, 0];
  const noise = Float32Array.from({ length: 7 * 36 }, () => random.normal()); // every pixel decides
  const known = { images: noise, labels: labelsOf(slots, 3) };
  const raw = Float32Array.from(set.images, value => value / 255);
  const images = toNetworkSpace(raw, normalisation);
  const naive = new Uint32Array(9);
  for (let i = 0; i < set.count; i++) {
    const distances = Array.from({ length: 7 }, (_, m) => {
      let total = 0;
      for (let p = 0; p < 36; p++) total += (images[i * 36 + p]! - known.images[m * 36 + p]!) ** 2;
      return Math.sqrt(total);
    });
    naive[set.labels[i]! * 3 + (distances.indexOf(Math.min(...distances)) % 3)]!++;
  }
  expect(nearestNeighbours(job.data, known)).toEqual(naive);
  expect(naive.reduce((a, b) => a + b, 0)).toBe(20);
});

test('of equally near images the first counts', () => {
  const one = real.draw('test', 0, [2]).images;
  const twice = { images: Float32Array.of(...one, ...one), labels: Float32Array.of(0, 0, 1, 1, 0, 0) };
  expect(shareRight(nearestNeighbours(job.data, twice), [2, 2, 2])).toBe(1);
});

test('neighbours are asked on the draws of the networks and on the class means, without a task', async () => {
  const [onDraws, onMeans, ...rest] = await neighbours(desk, real, [0, 1, 2, 0, 1, 2, 0]);
  expect(rest).toEqual([]);
  expect(onDraws).toMatchObject({ name: 'random', accuracy: { nets: 3 } });
  expect(onMeans).toMatchObject({ name: 'class-means', accuracy: { nets: 1, std: 0 } });
  expect(onMeans!.accuracy.mean).toBeGreaterThan(0.6); // a stripe on noise
  expect(onMeans!.perClass).toHaveLength(3);
  expect(desk.asked).toEqual([]);
  expect(await neighbours(desk, real, undefined)).toHaveLength(1);
});

test('a signal ends it', async () => {
  const signal = AbortSignal.abort(new Error('not now'));
  await expect(neighbours({ ...desk, signal }, real, undefined)).rejects.toThrow('not now');
});
