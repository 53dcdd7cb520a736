/** @file The architectures by name: each is a list of layers made from options. */
import type { LayerSpec } from './layers.ts';

/** Sizes an architecture may be built with; each uses those it has. */
export interface ModelOptions {
  /** Height and width of convolution kernels, in pixels. */
  readonly kernel: number;
  /** Channels of a convolution. */
  readonly filters: number;
  /** Units of hidden dense layers. */
  readonly hidden: number;
}

/** One architecture. */
export interface Model {
  readonly summary: string;
  layers(options: ModelOptions, classes: number): readonly LayerSpec[];
  /** The temperature T of the outer loss at which it distils best (docs/method.md has the figures). */
  readonly temperature: number;
  /** Outer steps after which it gains little. */
  readonly steps: number;
}

export const models = {
  logreg: {
    summary: 'logistic regression: flatten → dense',
    layers: (_, classes) => [{ layer: 'flatten' }, { layer: 'dense', units: classes }],
    temperature: 20,
    steps: 2500,
  },
  conv: {
    summary: 'conv k×k → tanh → average pool 2×2 → dense → tanh → dense (Markov 2020)',
    layers: ({ kernel, filters, hidden }, classes) => [
      { layer: 'conv', filters, kernel },
      { layer: 'tanh' },
      { layer: 'averagePool', size: 2 },
      { layer: 'flatten' },
      { layer: 'dense', units: hidden },
      { layer: 'tanh' },
      { layer: 'dense', units: classes },
    ],
    temperature: 1,
    steps: 8000,
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof models;
