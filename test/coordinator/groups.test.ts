/** @file Which members of a step are asked for in one task: as a law over ensembles and workers, and at the usual sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Group, groupsOf } from '../../src/coordinator/groups.ts';
import { namedArchitectures, type Options, planOf, resolveConfig } from '../../src/shared/config/index.ts';
import type { LayerSpec } from '../../src/shared/models/index.ts';
import { dataSet } from '../shared/config/jobs.ts';

const side = 28;

/** The groups of an ensemble on images of MNIST's size, at the usual sizes unless told; `layers`: of every architecture in it. */
function groups(
  models: string,
  workers: number,
  options: Options = {},
  layers?: readonly LayerSpec[],
): Group[] {
  const config = resolveConfig({ models, ...options });
  const classNames = [...'0123456789'];
  const { train, ...rest } = dataSet(60, 20);
  const data = {
    ...rest,
    classNames,
    imageShape: [side, side, 1],
    train: { ...train, count: 60_000 },
  } as const;
  const named = Object.entries(namedArchitectures(config, classNames.length));
  const architectures = Object.fromEntries(
    named.map(([name, own]) => [name, { ...own, ...(layers && { layers }) }]),
  );
  const job = { config, data, architectures };
  return groupsOf(job, planOf(job), workers);
}

const counts = (models: string, workers: number, options: Options = {}): number[] =>
  groups(models, workers, options).map(({ count }) => count);

const ensemble = fc
  .array(fc.tuple(fc.constantFrom('logreg', 'mlp', 'conv'), fc.integer({ min: 1, max: 20 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map(parts => parts.map(([name, count]) => `${name}:${count}`).join());
const batch = fc.constantFrom(1, 64, 256, 4096);
const namesOf = (models: string): string[] =>
  models.split(',').flatMap(part => new Array<string>(Number(part.split(':')[1])).fill(part.split(':')[0]!));

test('of any ensemble: every member once, in order, those of a group of one architecture, none larger than a worker’s share', () =>
  fc.assert(
    fc.property(ensemble, fc.integer({ min: 1, max: 70 }), batch, (models, workers, batchSize) => {
      const names = namesOf(models);
      const share = Math.ceil(names.length / workers);
      let next = 0;
      for (const { member, count } of groups(models, workers, { batchSize })) {
        expect(member).toBe(next);
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(share);
        expect(new Set(names.slice(member, member + count)).size).toBe(1);
        next += count;
      }
      expect(next).toBe(names.length);
    }),
  ));

test('groups of one architecture differ by one member at most, and more workers make none larger', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 20 }),
      batch,
      (members, workers, batchSize) => {
        const [fewer, more] = [workers, workers + 1].map(n => counts(`logreg:${members}`, n, { batchSize }));
        expect(Math.max(...fewer!) - Math.min(...fewer!)).toBeLessThanOrEqual(1);
        expect(Math.max(...more!)).toBeLessThanOrEqual(Math.max(...fewer!));
      },
    ),
  ));

describe('at the usual sizes', () => {
  test.each<[string, number, number[]]>([
    ['logreg:8', 1, [8]],
    ['logreg:8', 2, [4, 4]],
    ['logreg:8', 3, [2, 3, 3]],
    ['logreg:8', 8, new Array(8).fill(1)],
    ['logreg:8', 100, new Array(8).fill(1)],
    ['logreg:8', 0, new Array(8).fill(1)],
    ['logreg:20', 1, [6, 7, 7]],
    ['mlp:3', 1, [1, 1, 1]],
    ['conv:3', 1, [1, 1, 1]],
    ['lenet:3', 1, [1, 1, 1]],
    ['convnet:3', 1, [1, 1, 1]],
    ['logreg:4,conv:4', 1, [4, 1, 1, 1, 1]],
    ['logreg:4,conv:4', 4, [2, 2, 1, 1, 1, 1]],
    ['logreg:2,conv,logreg:3', 1, [2, 1, 3]],
  ])('%s, %i workers', (models, workers, expected) => {
    expect(counts(models, workers)).toEqual(expected);
  });
});

describe('what makes a gradient more work makes groups smaller', () => {
  test.each<[string, Options]>([
    ['a larger batch', { batchSize: 4096 }],
    ['more inner steps', { innerSteps: 100 }],
    ['more images', { imagesPerClass: 10 }],
    ['more images of which few are picked', { imagesPerClass: 10, order: 'random', innerBatch: 1 }],
  ])('%s', (_, options) => {
    expect(Math.max(...counts('logreg:8', 1, options))).toBeLessThan(4);
  });

  test('but not images that each step has for itself', () => {
    expect(counts('logreg:8', 1, { order: 'steps' })).toEqual([8]);
  });
});

test('an answer stays far below what a frame may hold, even where the net has next to no weights', () => {
  const tiny = [
    { layer: 'averagePool', size: side },
    { layer: 'flatten' },
    { layer: 'dense', units: 1 },
  ] as const;
  for (const images of [10, 100, 1000, 10_000]) {
    const options: Options = { images, innerSteps: 1, batchSize: 1 };
    const largest = Math.max(...groups('logreg:1000', 1, options, tiny).map(({ count }) => count));
    expect(4 * images * side ** 2 * largest).toBeLessThan(64 * 2 ** 20);
  }
});
