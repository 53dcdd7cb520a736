import { describe, expect, test } from 'vitest';
import { columnNames, type Options, planOf, resolveConfig } from '../../../src/shared/config/index.ts';
import { imageCount } from '../../../src/shared/config/schedule.ts';
import { layerNames } from '../../../src/shared/distillation/index.ts';
import { smallJob } from './jobs.ts';
import { usageError } from './usageError.ts';

/** Of three classes. */
const count = (options: Options): number => imageCount(resolveConfig(options), 3);
const plan = (options: Options) => planOf(smallJob(options));
const only = (options: Options) => plan(options).schedules.logreg!;

describe('images in all', () => {
  const own: Options = { order: 'steps', innerSteps: 4 };

  test.each<[string, Options, number]>([
    ['one of each class', {}, 3],
    ['several of each class', { imagesPerClass: 2 }, 6],
    ['the same where they come in mini-batches', { imagesPerClass: 2, order: 'random' }, 6],
    ['several of each class and step', { ...own, imagesPerClass: 2 }, 24],
    ['no more for more epochs', { ...own, imagesPerClass: 2, innerEpochs: 5 }, 24],
    ['as many as told', { images: 7, imagesPerClass: 2 }, 7],
    ['fewer than classes', { images: 1 }, 1],
    ['fewer than classes at each step', { ...own, images: 8 }, 8],
    ['with fixed labels just one of each class', { images: 3, learnLabels: false }, 3],
    ['with fixed labels some more of some classes', { images: 5, learnLabels: false }, 5],
    ['with fixed labels just one of each class and step', { ...own, images: 12, learnLabels: false }, 12],
  ])('%s', (_, options, images) => {
    expect(count(options)).toBe(images);
  });

  test.each<[string, Options, string]>([
    [
      'that no cut makes as many for each step',
      { ...own, images: 7 },
      'images: expected a multiple of 4, as many for each inner step, found 7; change images or innerSteps',
    ],
    ['fewer than steps', { ...own, images: 2 }, 'images: expected a multiple of 4'],
    [
      'fewer than classes with fixed labels',
      { images: 2, learnLabels: false },
      'images: expected at least 3 images, one of each class, where labels stay one-hot, found 2; use more images, or learn the labels',
    ],
    [
      'fewer than classes at each step with fixed labels',
      { ...own, images: 8, learnLabels: false },
      'one of each class and step, where labels stay one-hot, found 8; use more images',
    ],
  ])('are refused: %s', (_, options, message) => {
    expect(usageError(() => count(options))).toContain(message);
    expect(usageError(() => plan(options))).toContain(message);
  });
});

describe('inner steps', () => {
  test.each<[string, Options, object]>([
    ['on all images', { innerSteps: 4 }, { innerSteps: 4, images: 3, order: { kind: 'all' } }],
    ['over several epochs', { innerSteps: 4, innerEpochs: 3 }, { innerSteps: 12, images: 3 }],
    [
      'on images of their own, epoch after epoch',
      { innerSteps: 4, innerEpochs: 3, order: 'steps' },
      { innerSteps: 12, images: 12, order: { kind: 'steps', steps: 4 } },
    ],
    [
      'on mini-batches of as many as classes',
      { order: 'random', imagesPerClass: 4 },
      { images: 12, order: { kind: 'random', batch: 3 } },
    ],
    ['of no more than there are', { order: 'random', images: 2 }, { order: { kind: 'random', batch: 2 } }],
    [
      'of a size of one’s own',
      { order: 'random', images: 9, innerBatch: 5 },
      { order: { kind: 'random', batch: 5 } },
    ],
    ['of all', { order: 'random', images: 9, innerBatch: 9 }, { order: { kind: 'random', batch: 9 } }],
    ['one η̃', { etaPerStep: false }, { eta: 'one' }],
    ['η̃ per step', {}, { eta: 'step' }],
    ['η̃ per step and layer', { etaPerLayer: true }, { eta: 'layer' }],
    ['λ', { learnDecay: true }, { decay: true }],
    ['no λ', { learnDecay: false }, { decay: false }],
    ['no λ without hidden layers', {}, { decay: false }],
    ['λ as soon as one network has hidden layers', { models: 'logreg,conv' }, { decay: true }],
    ['no λ there either where told so', { models: 'logreg,conv', learnDecay: false }, { decay: false }],
  ])('%s', (_, options, schedule) => {
    expect(only(options)).toMatchObject(schedule);
  });

  const limit = 2 ** 26; // elements of the matrix that picks the images: (N, batch, M)
  const large: Options = { order: 'random', images: 64, innerBatch: 64, innerSteps: 128, innerEpochs: 128 };

  test('mini-batches up to a limit of what picks them', () => {
    expect(128 * 128 * 64 * 64).toBe(limit);
    expect(only(large).order).toEqual({ kind: 'random', batch: 64 });
  });

  test.each<[string, Options, string]>([
    [
      'of more images than there are',
      { order: 'random', images: 9, innerBatch: 10 },
      'innerBatch: expected at most 9, all images, found 10; lower it',
    ],
    [
      'of too many for so many steps',
      { ...large, images: 65 },
      `innerBatch: expected inner steps × innerBatch × images of at most ${limit}, found ${(limit / 64) * 65}; lower it`,
    ],
  ])('mini-batches are refused: %s', (_, options, message) => {
    expect(usageError(() => plan(options))).toContain(message);
  });
});

describe.each(['logreg', 'conv', 'logreg:2,conv', 'conv,logreg:3,conv'])(
  'the columns of η̃ per layer for %s',
  models => {
    const { nets, schedules, names, paceShape } = plan({ models, etaPerLayer: true, innerSteps: 5 });
    const columns = columnNames(nets);

    test('are one for each layer with weights, architectures in order of appearance', () => {
      expect(columns).toEqual(
        names.flatMap(name => layerNames(nets[name]!).map(layer => `${name}/${layer}`)),
      );
      expect(paceShape).toEqual([5, columns.length]);
    });

    test('are divided among the architectures, each with its own', () => {
      const owners = names.flatMap(name => {
        const { first, count, total } = schedules[name]!.columns!;
        expect(total).toBe(columns.length);
        expect(columns.slice(first, first + count)).toEqual(
          layerNames(nets[name]!).map(layer => `${name}/${layer}`),
        );
        return new Array<string>(count).fill(name);
      });
      expect(owners).toHaveLength(columns.length);
    });

    test('are all in which the schedules differ', () => {
      const others = Object.values(schedules).map(({ columns: _, ...rest }) => rest);
      for (const rest of others) expect(rest).toEqual(others[0]);
    });

    test('are there only where asked for', () => {
      for (const schedule of Object.values(plan({ models }).schedules))
        expect(schedule).not.toHaveProperty('columns');
    });
  },
);
