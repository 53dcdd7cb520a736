/** @file Named sets of options; flags and config files win over them. */
import type { Options } from './schema.ts';

export const presets = {
  /** The recipe of Markov 2020 for logistic regression: fixed labels, one η̃, cross-entropy as it is. Its outer SGD is Adam here, which
   *  reaches more (docs/method.md). */
  source: {
    models: 'logreg:2',
    init: 'xavier',
    innerSteps: 10,
    etaPerStep: false,
    learnDecay: false,
    learnLabels: false,
    temperature: 1,
    eta: 0.01,
    etaMin: 1e-5,
    etaMax: 1,
  },
} as const satisfies Record<string, Options>;

export type PresetName = keyof typeof presets;
