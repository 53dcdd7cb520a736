import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, initialLabels, initialState, mean } from '../../src/coordinator/state.ts';
import { planOf } from '../../src/shared/config/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { constantGradient } from './fakes.ts';

const rowsOf = (labels: Float32Array, classes: number): number[][] =>
  Array.from({ length: labels.length / classes }, (_, i) => [
    ...labels.subarray(i * classes, (i + 1) * classes),
  ]);
const rows = (m: number, classes: number, cuts = 1): number[][] =>
  rowsOf(initialLabels(m, classes, cuts), classes);
/** The parts into which the images are cut. */
const partsOf = (all: readonly number[][], cuts: number): number[][][] =>
  Array.from({ length: cuts }, (_, p) => all.slice((p * all.length) / cuts, ((p + 1) * all.length) / cuts));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const hot = (row: readonly number[]): number[] => row.flatMap((v, c) => (v > 0 ? [c] : []));

const any = fc.record({
  part: fc.integer({ min: 1, max: 25 }),
  classes: fc.integer({ min: 1, max: 12 }),
  cuts: fc.integer({ min: 1, max: 4 }),
});

describe('the first labels', () => {
  test('of each image sum to one, shared equally among its classes', () =>
    fc.assert(
      fc.property(any, ({ part, classes, cuts }) => {
        for (const row of rows(part * cuts, classes, cuts)) {
          expect(sum(row)).toBeCloseTo(1, 6);
          expect(new Set(row.filter(v => v > 0)).size).toBe(1);
        }
      }),
    ));

  test('have each class equally often, but for one image, in each part, in order', () =>
    fc.assert(
      fc.property(any, ({ part, classes, cuts }) => {
        for (const images of partsOf(rows(part * cuts, classes, cuts), cuts)) {
          const often = new Array<number>(classes).fill(0);
          for (const row of images) for (const c of hot(row)) often[c]!++;
          expect(Math.min(...often)).toBeGreaterThanOrEqual(1);
          expect(Math.max(...often) - Math.min(...often)).toBeLessThanOrEqual(1);
          const order = images.flatMap(hot);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
    ));

  test('are one-hot where there are images enough, and shared by as many classes, but for one, where not', () =>
    fc.assert(
      fc.property(any, ({ part, classes, cuts }) => {
        const sizes = rows(part * cuts, classes, cuts).map(row => hot(row).length);
        const share = Math.max(1, classes / part);
        expect(Math.min(...sizes)).toBe(Math.floor(share));
        expect(Math.max(...sizes)).toBe(Math.ceil(share));
      }),
    ));

  test('are the same in each part', () =>
    fc.assert(
      fc.property(any, ({ part, classes, cuts }) => {
        const whole = rows(part, classes);
        for (const images of partsOf(rows(part * cuts, classes, cuts), cuts)) expect(images).toEqual(whole);
      }),
    ));

  test('with as many images of each class are class by class, as in release 0.1.0', () =>
    fc.assert(
      fc.property(any, ({ part: perClass, classes, cuts }) => {
        const all = rows(perClass * classes * cuts, classes, cuts);
        for (const images of partsOf(all, cuts))
          expect(images.map(hot)).toEqual(images.map((_, i) => [Math.floor(i / perClass)]));
      }),
    ));

  test.each<[string, number, number, number, number[][]]>([
    ['five of three classes', 5, 3, 1, [[0], [1], [1], [2], [2]]],
    ['one of all', 1, 4, 1, [[0, 1, 2, 3]]],
    ['three of ten', 3, 10, 1, [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]], // biome-ignore format: one line
    ['two parts of two of three', 4, 3, 2, [[0, 1], [2], [0, 1], [2]]],
  ])('%s', (_, m, classes, cuts, expected) => {
    expect(rows(m, classes, cuts).map(hot)).toEqual(expected);
  });
});

describe('a run', () => {
  const first = (options: Parameters<typeof smallJob>[0]): number[][] => {
    const job = smallJob(options);
    return rowsOf(initialState(job.config, planOf(job)).labels, 3);
  };

  test('whose steps have images of their own starts with all classes at each step', () => {
    expect(first({ order: 'steps', innerSteps: 2, innerEpochs: 3, imagesPerClass: 2 }).map(hot)).toEqual(
      [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2].map(c => [c]),
    );
  });

  test.each(['all', 'random'] as const)('whose order is %s has one part', order => {
    expect(first({ order, imagesPerClass: 2 }).map(hot)).toEqual([0, 0, 1, 1, 2, 2].map(c => [c]));
    expect(first({ order, images: 2 })).toEqual([
      [0.5, 0.5, 0],
      [0, 0, 1],
    ]);
  });

  test('with fixed labels keeps them whatever the gradient, and learns them without', () => {
    const job = smallJob({ order: 'steps', innerSteps: 2, images: 8 });
    const plan = planOf(job);
    const state = initialState(job.config, plan);
    const gradient = mean([constantGradient(plan, 1e6)]);
    const fixed = advance(state, gradient, { ...job.config, learnLabels: false }, 10);
    expect(fixed.labels).toEqual(state.labels);
    expect(advance(state, gradient, job.config, 10).labels).not.toEqual(state.labels);
  });
});
