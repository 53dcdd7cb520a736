/** @file The layouts of activations, one as another. Public shapes are Keras's: images (H, W, C), features raveled (h, w, c). Inside, an activation lies as
 *  suits the next product; layers ask for what they need here. */
import { reshape, sizeOf, type Tensor, transpose } from '../../graph/index.ts';
import type { Activation, SampleShape } from './layer.ts';

/** Maps as (C, H, W, B), whatever the layout. @throws RangeError for phases that no pooling has joined, and for features. */
export function maps({ layout, tensor }: Activation): Tensor {
  if (layout === 'images') return transpose(tensor, [3, 1, 2, 0]);
  if (layout !== 'maps' || tensor.shape[1] !== 1)
    throw new RangeError(`no maps: ${layout} (${tensor.shape})`);
  return reshape(tensor, tensor.shape.toSpliced(1, 1));
}

/** (C, H, W, B) as an activation. */
export const asMaps = (tensor: Tensor): Activation => ({
  layout: 'maps',
  tensor: reshape(tensor, tensor.shape.toSpliced(1, 0, 1)),
});

/** Any sample of `shape` as features, raveled (h, w, c). */
export function raveled(x: Activation, shape: SampleShape): Activation {
  if (x.layout === 'rows' || x.layout === 'columns') return x;
  if (x.layout === 'images')
    return { layout: 'rows', tensor: reshape(x.tensor, [x.tensor.shape[0]!, sizeOf(shape)]) };
  const pixels = maps(x);
  return {
    layout: 'columns',
    tensor: reshape(transpose(pixels, [1, 2, 0, 3]), [sizeOf(shape), pixels.shape[3]!]),
  };
}

/** The batch first and the last axis of a sample last: (B, features) or (B, H, W, C). */
export function batchFirst(x: Activation): Activation {
  if (x.layout === 'columns') return { layout: 'rows', tensor: transpose(x.tensor, [1, 0]) };
  return x.layout === 'maps' ? { layout: 'images', tensor: transpose(maps(x), [3, 1, 2, 0]) } : x;
}

/** @throws RangeError when a sample is features. `layer` begins the sentence. */
export function needsMaps(layer: string, input: SampleShape): readonly [number, number, number] {
  if (input.length !== 3) throw new RangeError(`${layer} needs maps H×W×C, got ${input.join('×')}`);
  return input as readonly [number, number, number];
}
