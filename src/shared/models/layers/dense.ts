/** @file The dense layer. */
import { add, matmul } from '../../graph/index.ts';
import type { Layer } from './layer.ts';

/** y = x·w + b, with x (B, D), w (D, units), b (units), y (B, units). `bias`: whether there is a b, yes unless said. */
export const dense: Layer<{ readonly units: number; readonly bias?: boolean }> = {
  weights: ({ units, bias = true }, [features]) => ({
    kernel: [features!, units],
    ...(bias && { bias: [units] }),
  }),
  output: ({ units }, input) => {
    if (input.length !== 1)
      throw new RangeError(`dense needs flat features, got ${input.join('×')}; put a flatten before it`);
    return [units];
  },
  turned: ['kernel'],
  forward: (x, { kernel, bias }) => {
    const product = matmul(x.tensor, kernel!, { transposeA: x.layout === 'columns', transposeB: true });
    return { layout: 'rows', tensor: bias ? add(product, bias) : product };
  },
};
