/** @file What a layer is: its weights' shapes, the shape of what it gives, and its formula on the graph; derivatives follow. Knows no particular layer. */
import type { Shape, Tensor } from '../../graph/index.ts';

/** What flows between layers. `images` (B, H, W, C) · `maps` (C, p², h, w, B): the pixels of maps (C, p·h, p·w), split into p×p phases, batch last ·
 *  `rows` (B, features) · `columns` (features, B). */
export interface Activation {
  readonly layout: 'images' | 'maps' | 'rows' | 'columns';
  readonly tensor: Tensor;
}

/** Logical shape of one sample: [H, W, C] or [features]. */
export type SampleShape = readonly number[];

/** What a weight tensor is for, and its name: `kernel` and `bias` are drawn, a norm's `scale` starts at 1 and its `shift` at 0. */
export type Role = 'kernel' | 'bias' | 'scale' | 'shift';

/** A layer of one kind; `O` are its options. */
export interface Layer<O> {
  /** Weight tensors by name, in the order in which they stand in the flat vector. */
  weights(options: O, input: SampleShape): Readonly<Partial<Record<Role, Shape>>>;
  /** Matrices that `forward` takes turned: the flat vector holds what is transposed. */
  readonly turned?: readonly Role[];
  /** @throws RangeError when the layer does not take such an input. */
  output(options: O, input: SampleShape): SampleShape;
  forward(
    x: Activation,
    weights: Readonly<Partial<Record<Role, Tensor>>>,
    options: O,
    input: SampleShape,
  ): Activation;
  /** Of a layer that takes the pixels of maps in any order and gives them in the same: whether it takes each one `apart`, or all of a map `together`, so
   *  that none may be missing. */
  readonly pixels?: 'apart' | 'together';
}
