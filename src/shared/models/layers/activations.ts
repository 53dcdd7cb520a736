/** @file Activations: elementwise functions, and softmax over the last axis. */
import {
  add,
  exp,
  logSoftmax,
  mul,
  relu as reluOf,
  scalar,
  sigmoid as sigmoidOf,
  softplus as softplusOf,
  sub,
  type Tensor,
  tanh as tanhOf,
} from '../../graph/index.ts';
import type { Layer } from './layer.ts';
import { batchFirst } from './layouts.ts';

const elementwise = <O>(f: (x: Tensor, options: O) => Tensor): Layer<O> => ({
  weights: () => ({}),
  output: (_, input) => input,
  forward: (x, _, options) => ({ ...x, tensor: f(x.tensor, options) }),
  pixels: 'apart',
});

/** y = tanh x. */
export const tanh: Layer<object> = elementwise(tanhOf);
/** y = max(x, 0). */
export const relu: Layer<object> = elementwise(reluOf);
/** y = 1/(1 + exp −x). */
export const sigmoid: Layer<object> = elementwise(sigmoidOf);
/** y = log(1 + exp x). */
export const softplus: Layer<object> = elementwise(softplusOf);

/** y = x above 0, α·(exp x − 1) below; α is 1 unless said (Clevert et al. 2015). The exponential sees min(x, 0) only, which never overflows. */
export const elu: Layer<{ readonly alpha?: number }> = elementwise((x, { alpha = 1 }) => {
  const above = reluOf(x);
  return add(above, mul(scalar(alpha), sub(exp(sub(x, above)), scalar(1))));
});

/** y = x above 0, slope·x below; the slope is 0.3 unless said, as Keras has it. */
export const leakyRelu: Layer<{ readonly slope?: number }> = elementwise((x, { slope = 0.3 }) =>
  add(mul(scalar(slope), x), mul(scalar(1 - slope), reluOf(x))),
);

/** y = exp x / Σ exp x over the last axis: features, or the channels of a pixel. */
export const softmax: Layer<object> = {
  weights: () => ({}),
  output: (_, input) => input,
  forward: x => {
    const { layout, tensor } = batchFirst(x);
    return { layout, tensor: exp(logSoftmax(tensor)) };
  },
};
