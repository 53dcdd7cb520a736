/** @file All layers by the name under which a model lists them. Each stands in a file of layers/; begin with layers/layer.ts, then layers/dense.ts. */
import { elu, leakyRelu, relu, sigmoid, softmax, softplus, tanh } from './layers/activations.ts';
import { conv } from './layers/conv.ts';
import { dense } from './layers/dense.ts';
import type { Layer } from './layers/layer.ts';
import { groupNorm, instanceNorm, layerNorm } from './layers/norms.ts';
import { averagePool, globalAveragePool, maxPool } from './layers/pooling.ts';
import { flatten, reshape } from './layers/shaping.ts';

export const layers = {
  dense,
  conv,
  averagePool,
  maxPool,
  globalAveragePool,
  flatten,
  reshape,
  tanh,
  relu,
  sigmoid,
  softplus,
  elu,
  leakyRelu,
  softmax,
  layerNorm,
  groupNorm,
  instanceNorm,
};

/** One layer of a model: its name and options. */
export type LayerSpec = {
  readonly [L in keyof typeof layers]: { readonly layer: L } & ((typeof layers)[L] extends Layer<infer O>
    ? O
    : never);
}[keyof typeof layers];

/** The record of a layer. A spec and its record belong together by name, which a table lookup can't tell the compiler. */
export const layerOf = (spec: LayerSpec): Layer<object> => layers[spec.layer] as Layer<object>;
