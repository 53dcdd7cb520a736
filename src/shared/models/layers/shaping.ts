/** @file Layers that change the shape of a sample and none of its numbers. */
import { reshape as reshapeOf, sizeOf, transpose } from '../../graph/index.ts';
import type { Layer } from './layer.ts';
import { asMaps, raveled } from './layouts.ts';

/** Maps or images as features raveled (h, w, c). */
export const flatten: Layer<object> = {
  weights: () => ({}),
  output: (_, input) => [sizeOf(input)],
  forward: (x, _, __, input) => raveled(x, input),
};

/** The same numbers as [H, W, C] or [features], in the order (h, w, c) as Keras has them. */
export const reshape: Layer<{ readonly shape: readonly number[] }> = {
  weights: () => ({}),
  output: ({ shape }, input) => {
    if (shape.length !== 1 && shape.length !== 3)
      throw new RangeError(`reshape gives H×W×C or features, got ${shape.join('×')}`);
    if (sizeOf(shape) !== sizeOf(input))
      throw new RangeError(
        `${input.join('×')} has ${sizeOf(input)} numbers, ${shape.join('×')} would have ${sizeOf(shape)}`,
      );
    return shape;
  },
  forward: (x, _, { shape }, input) => {
    const flat = raveled(x, input);
    if (shape.length === 1) return flat;
    if (flat.layout === 'rows')
      return { layout: 'images', tensor: reshapeOf(flat.tensor, [flat.tensor.shape[0]!, ...shape]) };
    const pixels = reshapeOf(flat.tensor, [...shape, flat.tensor.shape[1]!]);
    return asMaps(transpose(pixels, [2, 0, 1, 3]));
  },
};
