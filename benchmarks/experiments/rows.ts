/** @file The experiments of Markov 2020 as runs of this program: what the source reports, and the options that repeat it, or do it as we would. */
import type { Options } from 'distill-cluster';

export interface Experiment {
  readonly id: string;
  /** What the source did. */
  readonly title: string;
  /** Its own figure, in its words. */
  readonly source: string;
  /** What its figure must be met by, in per cent; undefined where it gives none. */
  readonly bar?: number;
  /** Our runs of it, the source's recipe first. */
  readonly runs: readonly { readonly id: string; readonly recipe: string; readonly options: Options }[];
}

/** Fixed labels, one η̃, cross-entropy as it is, nothing forgotten. */
const plain = { learnLabels: false, etaPerStep: false, learnDecay: false, temperature: 1 } as const;
const gaussian = { init: 'normal', mu: 0 } as const;

export const experiments: readonly Experiment[] = [
  {
    id: 'logreg-one-step',
    title: 'logistic regression, normal(0, 0.2), 1 inner step',
    source: 'recognisable digits after about 10 s; loss large and noisy',
    runs: [
      {
        id: 'source',
        recipe: 'the source’s, outer Adam',
        options: { ...plain, ...gaussian, sigma: 0.2, models: 'logreg:2', innerSteps: 1, steps: 2500 },
      },
    ],
  },
  {
    id: 'logreg',
    title: 'logistic regression, Xavier, 10 inner steps',
    source: '88.5 % at best',
    bar: 88.5,
    runs: [
      { id: 'source', recipe: 'the source’s, outer Adam', options: { ...plain, models: 'logreg:2' } },
      { id: 'defaults', recipe: 'our defaults', options: { models: 'logreg:2' } },
    ],
  },
  {
    id: 'conv',
    title: 'conv + tanh + average pool + dense + tanh + dense, normal(0, 0.05), 10 inner steps',
    source: '86 ± 1.6 %',
    bar: 86,
    runs: [
      {
        id: 'source',
        recipe: 'the source’s, outer Adam, 1,500 steps',
        options: { ...plain, ...gaussian, sigma: 0.05, models: 'conv', steps: 1500 },
      },
      {
        id: 'defaults',
        recipe: 'our defaults, but 1,600 steps',
        options: { ...gaussian, sigma: 0.05, models: 'conv', steps: 1600 },
      },
    ],
  },
  {
    id: 'lenet',
    title: 'LeNet, Xavier, 10 inner steps × 3 epochs, 100 images (Wang et al. 2018)',
    source: '79.5 ± 8.1 %',
    bar: 79.5,
    runs: [
      {
        id: 'defaults',
        recipe: 'images of its own for each step, learned labels, 700 steps',
        options: {
          models: 'lenet',
          order: 'steps',
          innerSteps: 10,
          innerEpochs: 3,
          lrEta: 0.001, // at 0.01 the step sizes run ahead of the images, and every relu dies
          steps: 700,
        },
      },
    ],
  },
];

/** What happens to η̃ with wide weights, with the clamp and without. */
const wide: Options = {
  ...plain,
  ...gaussian,
  models: 'conv',
  optimizer: 'sgd',
  lrSchedule: 'constant',
  clip: 0,
  eta: 0.01,
  steps: 150,
  validation: 0,
  evalNets: 5,
};

export const divergence = [
  { id: 'narrow', title: 'σ = 0.05, η̃ in [1e-5, 1]', options: { ...wide, sigma: 0.05 } },
  { id: 'wide-clamped', title: 'σ = 0.5, η̃ in [1e-5, 1]', options: { ...wide, sigma: 0.5 } },
  { id: 'wide-free', title: 'σ = 0.5, no clamp', options: { ...wide, sigma: 0.5, etaMax: 1e6 } },
] as const satisfies readonly { id: string; title: string; options: Options }[];
