import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance, initialState, mean } from '../../src/coordinator/state.ts';
import { type Options, planOf } from '../../src/shared/config/index.ts';
import { parts } from '../../src/shared/messages/index.ts';
import { smallJob } from '../shared/config/jobs.ts';
import { constantGradient } from './fakes.ts';

const job = smallJob({ imagesPerClass: 2, imageMu: 0.5, imageSigma: 0.1, eta: 0.03, learnDecay: true });
const plan = planOf(job);
const meanOf = (value: number) => mean([constantGradient(plan, value)]);

describe('the first state', () => {
  const state = initialState(job.config, plan);

  test('images are truncated normal by the seed alone', () => {
    const images = [...state.images];
    expect(images).toHaveLength(6 * 36);
    expect(Math.max(...images.map(v => Math.abs(v - 0.5)))).toBeLessThanOrEqual(0.2 + 1e-7);
    expect(images.reduce((a, b) => a + b) / images.length).toBeCloseTo(0.5, 1);
    expect(initialState(job.config, plan).images).toEqual(state.images);
    expect(initialState({ ...job.config, seed: 2 }, plan).images).not.toEqual(state.images);
    expect(initialState({ ...job.config, models: 'conv:7', steps: 9 }, plan).images).toEqual(state.images);
  });

  test('labels are one-hot, class by class; η̃ is as configured, one per inner step or one for all', () => {
    const classes = [0, 0, 1, 1, 2, 2];
    expect([...state.labels]).toEqual(classes.flatMap(k => [0, 1, 2].map(j => (j === k ? 1 : 0))));
    expect(state.eta).toEqual(new Float32Array(3).fill(0.03));
    const one = smallJob({ etaPerStep: false });
    expect(initialState(one.config, planOf(one)).eta).toEqual(Float32Array.of(0.02));
    expect(state.step).toBe(0);
  });

  test('η̃ is one per inner step and layer where asked for; λ is 0, as many as η̃ where it is learned', () => {
    const shapes: readonly [Options, number][] = [
      [{}, 3],
      [{ etaPerStep: false }, 1],
      [{ etaPerLayer: true, models: 'logreg,conv' }, 12],
    ];
    for (const [options, count] of shapes)
      for (const learnDecay of [true, false]) {
        const other = smallJob({ ...options, learnDecay });
        const { eta, decay } = initialState(other.config, planOf(other));
        expect(eta).toEqual(new Float32Array(count).fill(0.02));
        expect(decay).toEqual(new Float32Array(learnDecay ? count : 0));
      }
  });
});

describe('the mean over the ensemble', () => {
  test('is the mean of losses and of every gradient', () => {
    const three = mean([1, 2, 6].map(value => constantGradient(plan, value)));
    expect(three.loss).toBe(3);
    for (const part of parts) {
      expect(three[part]).toHaveLength(plan.sizes[part]);
      expect(new Set(three[part])).toEqual(new Set([3]));
    }
  });

  test('is summed in member order, in float64: the last bits show it', () =>
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 6 }),
        values => {
          const { loss, images, eta, decay } = mean(values.map(value => constantGradient(plan, value)));
          let total = 0;
          for (const value of values) total += value;
          expect([loss, images[0], eta[2], decay[1]]).toEqual(new Array(4).fill(total / values.length));
        },
      ),
    ));
});

describe('one outer step', () => {
  const state = initialState(job.config, plan);

  test.each([
    ['etaMax', -1e9, { etaMax: 0.7 }, 0.7],
    ['etaMin', 1e9, { etaMin: 1e-3 }, 1e-3],
  ])('clamps η̃ at %s', (_, gradient, clamp, eta) => {
    const config = { ...job.config, ...clamp, optimizer: 'sgd' as const };
    const next = advance(
      { ...state, moments: initialState(config, plan).moments },
      meanOf(gradient),
      config,
      10,
    );
    expect(next.eta).toEqual(new Float32Array(3).fill(eta));
    expect(Math.abs(next.images[0]!)).toBeGreaterThan(100); // only η̃ is clamped
  });

  test.each([
    ['0', 1e9, 0],
    ['1', -1e9, 1],
  ])('clamps λ at %s', (_, gradient, decay) => {
    const config = { ...job.config, optimizer: 'sgd' as const };
    const next = advance(initialState(config, plan), meanOf(gradient), config, 10);
    expect(next.decay).toEqual(new Float32Array(3).fill(decay));
  });

  test('moves each part by its own rate, along the schedule', () => {
    const config = {
      ...job.config,
      optimizer: 'sgd' as const,
      lr: 0.1,
      lrLabels: 0.01,
      lrEta: 0.001,
      lrDecay: 0.3,
      etaMax: 10,
    };
    const half = { ...initialState(config, plan), step: 5 };
    const next = advance(half, meanOf(-1), config, 10);
    expect(next.step).toBe(6);
    expect(next.images[7]! - half.images[7]!).toBeCloseTo(0.05, 6);
    expect(next.labels[1]! - half.labels[1]!).toBeCloseTo(0.005, 6);
    expect(next.eta[2]! - half.eta[2]!).toBeCloseTo(0.0005, 6);
    expect(next.decay[0]! - half.decay[0]!).toBeCloseTo(0.15, 6);
  });

  test('leaves labels alone that are not learned', () => {
    const next = advance(state, meanOf(1), { ...job.config, learnLabels: false }, 10);
    expect(next.labels).toBe(state.labels);
    expect(next.moments.labels).toBe(state.moments.labels);
    expect(next.images).not.toEqual(state.images);
  });

  test('replaces the state and changes nothing in the old one', () => {
    const before = structuredClone(state);
    advance(state, meanOf(1), job.config, 10);
    expect(state).toEqual(before);
  });
});
