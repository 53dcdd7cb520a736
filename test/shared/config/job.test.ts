import { describe, expect, test } from 'vitest';
import { type Options, planOf } from '../../../src/shared/config/index.ts';
import { smallJob } from './jobs.ts';

const plan = (options: Options = {}) => planOf(smallJob(options));

describe('a plan', () => {
  test('sizes follow from images, classes and inner steps', () => {
    expect(plan({ imagesPerClass: 2, innerSteps: 5 })).toMatchObject({
      classes: 3,
      schedule: { images: 6, innerSteps: 5, etaPerStep: true },
      sizes: { images: 6 * 36, labels: 18, eta: 5 },
    });
    expect(plan({ innerSteps: 5, etaPerStep: false }).sizes.eta).toBe(1);
  });

  test('members in their order, architectures once, a net for each', () => {
    const { members, architectures, nets } = plan({ models: 'conv:2,logreg:1,conv:1' });
    expect(members).toEqual(['conv', 'conv', 'logreg', 'conv']);
    expect(architectures).toEqual(['conv', 'logreg']);
    expect(Object.keys(nets)).toEqual(architectures);
    expect(nets.logreg!.weightCount).toBe(36 * 3 + 3);
    expect(nets.conv!.classes).toBe(3);
  });

  test('epochs count passes over what is not held out', () => {
    expect(plan({ steps: undefined, epochs: 3, batchSize: 8, validation: 12 }).steps).toBe(18);
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
