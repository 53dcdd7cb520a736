import { describe, expect, test } from 'vitest';
import { type Options, planOf } from '../../../src/shared/config/index.ts';
import { models } from '../../../src/shared/models/index.ts';
import { dataSet, smallJob } from './jobs.ts';

const plan = (options: Options = {}) => planOf(smallJob(options));

describe('a plan', () => {
  test('sizes follow from images, classes and inner steps', () => {
    expect(plan({ imagesPerClass: 2, innerSteps: 5 })).toMatchObject({
      classes: 3,
      images: 6,
      schedules: { logreg: { images: 6, innerSteps: 5, eta: 'step', decay: false, order: { kind: 'all' } } },
      paceShape: [5],
      sizes: { images: 6 * 36, labels: 18, eta: 5, decay: 0 },
    });
    expect(plan({ innerSteps: 5, etaPerStep: false })).toMatchObject({ paceShape: [], sizes: { eta: 1 } });
  });

  test('λ is as many as η̃ where it is learned: one, one per inner step, or one per inner step and layer', () => {
    const learned = (options: Options) =>
      plan({ innerSteps: 5, innerEpochs: 2, learnDecay: true, ...options });
    expect(learned({ etaPerStep: false })).toMatchObject({ paceShape: [], sizes: { eta: 1, decay: 1 } });
    expect(learned({})).toMatchObject({ paceShape: [10], sizes: { eta: 10, decay: 10 } });
    expect(learned({ etaPerLayer: true, models: 'logreg,conv' })).toMatchObject({
      paceShape: [10, 4],
      sizes: { eta: 40, decay: 40 },
    });
  });

  test('members in their order, architectures once, a net for each', () => {
    const { members, names, nets } = plan({ models: 'conv:2,logreg:1,conv:1' });
    expect(members).toEqual(['conv', 'conv', 'logreg', 'conv']);
    expect(names).toEqual(['conv', 'logreg']);
    expect(Object.keys(nets)).toEqual(names);
    expect(nets.logreg!.weightCount).toBe(36 * 3 + 3);
    expect(nets.conv!.classes).toBe(3);
  });

  test('epochs count passes over what is not held out', () => {
    expect(plan({ steps: undefined, epochs: 3, batchSize: 8, validation: 12 }).steps).toBe(18);
  });

  test('outer steps: given, by epochs, or what the slowest architecture needs', () => {
    const steps = (options: Options): number =>
      planOf({ ...smallJob({ steps: undefined, validation: 0, ...options }), data: dataSet(1000, 20) }).steps;
    expect(steps({ steps: 7 })).toBe(7);
    expect(steps({ epochs: 2.5, batchSize: 100 })).toBe(25);
    expect(steps({ epochs: 0.001, batchSize: 100 })).toBe(1);
    expect(steps({})).toBe(models.logreg.steps);
    expect(steps({ models: 'logreg:2,conv' })).toBe(models.conv.steps);
  });

  test('held out are as many as told, or a fifth of a small data set', () => {
    expect(plan({ validation: 7 }).validation).toBe(7);
    expect(plan({ validation: 0 }).validation).toBe(0);
    expect(plan({ validation: undefined }).validation).toBe(12);
  });

  test('the same job has the same plan', () => {
    expect(plan({ models: 'logreg:2,conv:1' })).toEqual(plan({ models: 'logreg:2,conv:1' }));
  });
});

describe('options that do not fit the data', () => {
  test.each<[string, Options, string]>([
    [
      'a batch larger than what is left',
      { batchSize: 50, validation: 12 },
      'batchSize and validation: expected batchSize + validation of at most 60, the training images of stripes, found 50 + 12; lower one of them',
    ],
    [
      'a kernel larger than the images',
      { models: 'conv', kernel: 7 },
      'model conv, layer 0 (conv): expected an input it can take, found',
    ],
  ])('%s', (_, options, message) => {
    expect(() => plan(options)).toThrow(message);
    expect(() => plan(options)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
  });

  test('all training images may be one batch', () => {
    expect(plan({ batchSize: 48, validation: 12 }).steps).toBe(3);
  });
});
