import { describe, expect, test } from 'vitest';
import { centresIn, centresOf } from '../../src/evaluation/centres.ts';
import { RealImages } from '../../src/evaluation/realImages.ts';
import { slotsOf } from '../../src/evaluation/slots.ts';
import { type Options, planOf } from '../../src/shared/config/index.ts';
import { split } from '../../src/shared/data/batches.ts';
import { smallJob } from '../shared/config/jobs.ts';

const pixels = 36;

function ground(options: Options = {}) {
  const job = smallJob(options);
  const plan = planOf(job);
  const { training, validation } = split(job.data.train.count, plan.validation, job.config.seed);
  return { job, plan, training: [...training], validation: [...validation], real: new RealImages(job, plan) };
}

const row = (images: Float32Array, i: number): number[] => [...images.subarray(i * pixels, (i + 1) * pixels)];
const classesIn = (labels: Float32Array): number[] =>
  Array.from({ length: labels.length / 3 }, (_, i) => labels.subarray(3 * i, 3 * i + 3).indexOf(1));

describe('slots', () => {
  test.each<[string, Options, number[] | undefined]>([
    ['one image per class', {}, [0, 1, 2]],
    ['as many of each, but for a remainder', { images: 7 }, [0, 1, 2, 0, 1, 2, 0]],
    [
      'with order steps all classes in every part',
      { order: 'steps', innerSteps: 2, images: 8 },
      [0, 1, 2, 0, 0, 1, 2, 0],
    ],
    ['parts that have no room for all', { order: 'steps', innerSteps: 2, images: 4 }, [0, 1, 2, 0]],
    ['fewer images than classes', { images: 2 }, undefined],
  ])('%s', (_, options, slots) => expect(slotsOf(planOf(smallJob(options)))).toEqual(slots));
});

test('class means are the means of the images that are not held out, by a naive sum', () => {
  const { job, real, training } = ground();
  const { train, normalisation } = job.data;
  const { images, labels } = real.meansIn([0, 1, 2, 1]);
  for (const [slot, c] of [0, 1, 2, 1].entries()) {
    const own = training.filter(i => train.labels[i] === c);
    const naive = Array.from({ length: pixels }, (_, p) => {
      const values = own.map(
        i => (train.images[i * pixels + p]! / 255 - normalisation.mean[0]!) / normalisation.std[0]!,
      );
      return values.reduce((a, b) => a + b, 0) / own.length;
    });
    row(images, slot).forEach((value, p) => expect(value).toBeCloseTo(naive[p]!, 6));
  }
  expect(classesIn(labels)).toEqual([0, 1, 2, 1]);
});

describe('k-means', () => {
  test('with one centre it is the class mean', async () => {
    const { real } = ground();
    const [centres, means] = [await centresIn(real, [0, 1, 2]), real.meansIn([0, 1, 2])];
    centres.images.forEach((value, i) => expect(value).toBeCloseTo(means.images[i]!, 5));
    expect(centres.labels).toEqual(means.labels);
  });

  test('several centres lie nearer to the images than the mean does, the same each time', async () => {
    const { real } = ground();
    const spread = (centres: readonly (readonly number[])[]): number => {
      const images = real.gathered(real.byClass[0]!);
      return Array.from(real.byClass[0]!, (_, i) => {
        const image = row(images, i);
        return Math.min(...centres.map(c => c.reduce((total, v, p) => total + (v - image[p]!) ** 2, 0)));
      }).reduce((a, b) => a + b, 0);
    };
    const three = await centresOf(real, 0, 3);
    expect(three).toHaveLength(3);
    expect(spread(three)).toBeLessThan(spread(await centresOf(real, 0, 1)));
    expect(await centresOf(real, 0, 3)).toEqual(three);
  });

  test('more centres than images: each image, and around again', async () => {
    const { real } = ground();
    const count = real.byClass[0]!.length;
    const { images } = await centresIn(real, new Array(count + 1).fill(0));
    expect(row(images, count)).toEqual(row(images, 0));
  });

  test('a signal ends it', async () => {
    const { real } = ground();
    await expect(centresIn(real, [0, 1, 2], AbortSignal.abort(new Error('not now')))).rejects.toThrow(
      'not now',
    );
  });
});

describe('draws of real images', () => {
  /** Numbers of the training images that a draw shows. */
  const shown = ({ job, real }: ReturnType<typeof ground>, images: Float32Array): number[] => {
    const all = real.gathered(Uint32Array.from({ length: job.data.train.count }, (_, i) => i));
    const rows = Array.from({ length: job.data.train.count }, (_, i) => `${row(all, i)}`);
    return Array.from({ length: images.length / pixels }, (_, i) => rows.indexOf(`${row(images, i)}`));
  };

  test('show what their labels say, none twice, none that is held out', () => {
    const here = ground({ images: 12 });
    const slots = slotsOf(here.plan)!;
    const { images, labels } = here.real.draw('test', 0, slots);
    const numbers = shown(here, images);
    expect(new Set(numbers).size).toBe(12);
    expect(numbers.map(i => here.job.data.train.labels[i])).toEqual(slots);
    expect(classesIn(labels)).toEqual(slots);
    for (const i of numbers) expect(here.training).toContain(i);
    for (const i of numbers) expect(here.validation).not.toContain(i);
  });

  test('differ by number and by what they are for; the same one twice is the same', () => {
    const { real } = ground();
    const draw = (kind: 'test' | 'validation' | 'best', n: number): string =>
      `${real.draw(kind, n, [0, 1, 2]).images}`;
    const all = (['test', 'validation', 'best'] as const).flatMap(kind => [draw(kind, 0), draw(kind, 1)]);
    expect(new Set(all).size).toBe(6);
    expect(draw('best', 1)).toBe(all[5]);
  });

  test('with fewer images than classes each draw has classes of its own, none twice', () => {
    const { real } = ground({ images: 2 });
    const drawn = Array.from({ length: 20 }, (_, n) => classesIn(real.draw('test', n, undefined).labels));
    for (const classes of drawn) expect(new Set(classes).size).toBe(2);
    expect(new Set(drawn.flat())).toEqual(new Set([0, 1, 2]));
  });

  test('a class without training images is no ground to compare on', () => {
    const job = smallJob();
    const labels = new Uint8Array(new SharedArrayBuffer(job.data.train.count));
    labels.set(job.data.train.labels.map(label => (label === 1 ? 0 : label)));
    const without = { ...job, data: { ...job.data, train: { ...job.data.train, labels } } };
    expect(() => new RealImages(without, planOf(without))).toThrow('found none of class two');
  });
});
