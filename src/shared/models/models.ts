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
  /** Blocks of a convnet. */
  readonly depth: number;
  /** Channels of each of them. */
  readonly width: number;
}

/** One architecture. */
export interface Model {
  readonly summary: string;
  layers(options: ModelOptions, classes: number): readonly LayerSpec[];
  /** The temperature T of the outer loss at which it distils best (docs/method.md has the figures). */
  readonly temperature: number;
  /** Outer steps after which it gains little. */
  readonly steps: number;
  /** Whether a learned decay pays: tanh nets gain by it, relu nets die of it (docs/method.md). */
  readonly decay: boolean;
}

export const models = {
  logreg: {
    summary: 'logistic regression: flatten → dense',
    layers: (_, classes) => [{ layer: 'flatten' }, { layer: 'dense', units: classes }],
    temperature: 20,
    steps: 2500,
    decay: false,
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
    decay: true,
  },
  mlp: {
    summary: 'two hidden layers: flatten → dense → relu → dense → relu → dense',
    layers: ({ hidden }, classes) => [
      { layer: 'flatten' },
      { layer: 'dense', units: hidden },
      { layer: 'relu' },
      { layer: 'dense', units: hidden },
      { layer: 'relu' },
      { layer: 'dense', units: classes },
    ],
    temperature: 1,
    steps: 8000,
    decay: false,
  },
  lenet: {
    summary:
      'LeNet-5 as in Wang et al. 2018: two convolutions 5×5, each with relu and max pool 2×2, then three dense layers',
    layers: (_, classes) => [
      { layer: 'conv', filters: 6, kernel: 5, padding: 'same' },
      { layer: 'relu' },
      { layer: 'maxPool', size: 2 },
      { layer: 'conv', filters: 16, kernel: 5 },
      { layer: 'relu' },
      { layer: 'maxPool', size: 2 },
      { layer: 'flatten' },
      { layer: 'dense', units: 120 },
      { layer: 'relu' },
      { layer: 'dense', units: 84 },
      { layer: 'relu' },
      { layer: 'dense', units: classes },
    ],
    temperature: 1,
    steps: 8000,
    decay: false,
  },
  convnet: {
    summary:
      'blocks of conv 3×3 → instance norm → relu → average pool 2×2, then dense (Gidaris & Komodakis 2018)',
    layers: ({ depth, width }, classes) => [
      ...Array.from({ length: depth }, () => block(width)).flat(),
      { layer: 'flatten' },
      { layer: 'dense', units: classes },
    ],
    temperature: 1,
    steps: 8000,
    decay: false,
  },
} as const satisfies Record<string, Model>;

/** No bias: the norm behind it would take it off again. */
function block(width: number): readonly LayerSpec[] {
  return [
    { layer: 'conv', filters: width, kernel: 3, padding: 'same', bias: false },
    { layer: 'instanceNorm' },
    { layer: 'relu' },
    { layer: 'averagePool', size: 2 },
  ];
}

export type ModelName = keyof typeof models;
