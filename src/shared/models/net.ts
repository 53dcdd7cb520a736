/** @file A network: layers in a row on images of one shape, and its weights as one flat vector (Markov 2020: forward, flat and unflat weights).
 *  Knows layers; no initialisation, no loss. */
import { DistillError } from '../errors.ts';
import { concat, reshape, type Shape, sizeOf, slice, type Tensor, transpose } from '../graph/index.ts';
import type { Activation, Role, SampleShape } from './layers/layer.ts';
import { batchFirst } from './layers/layouts.ts';
import { pair } from './layers/sliding.ts';
import { type LayerSpec, layerOf } from './layers.ts';

/** Where one weight tensor stands in the flat vector. */
export interface WeightSpec {
  /** For instance `1.dense.kernel`: position and name of the layer, then the tensor. */
  readonly name: string;
  /** The tensor's own name, which says what it is for. */
  readonly role: Role;
  readonly shape: Shape;
  /** Whether layers compute with the transposed matrix. */
  readonly turned: boolean;
  /** First element in the flat vector. */
  readonly offset: number;
}

export interface Net {
  readonly imageShape: SampleShape;
  readonly layers: readonly LayerSpec[];
  readonly weights: readonly WeightSpec[];
  /** P, the length of the flat vector. */
  readonly weightCount: number;
  /** K, the number of logits. */
  readonly classes: number;
}

/** Lays out a network for images (H, W, C). @throws DistillError 'usage' when a layer does not take what the one before it gives. */
export function buildNet(name: string, specs: readonly LayerSpec[], imageShape: SampleShape): Net {
  const weights: WeightSpec[] = [];
  const outputs: SampleShape[] = [];
  let [shape, offset] = [imageShape, 0];
  specs.forEach((spec, i) => {
    const layer = layerOf(spec);
    const input = shape;
    try {
      shape = layer.output(spec, input);
    } catch (error) {
      throw new DistillError('usage', `model ${name}, layer ${i} (${spec.layer})`, {
        expected: 'an input it can take',
        found: (error as Error).message,
        fix: 'change the model’s options or use larger images',
      });
    }
    for (const [role, tensorShape] of Object.entries(layer.weights(spec, input)) as [Role, Shape][]) {
      weights.push({
        name: `${i}.${spec.layer}.${role}`,
        role,
        shape: tensorShape,
        turned: layer.turned?.includes(role) ?? false,
        offset,
      });
      offset += sizeOf(tensorShape);
    }
    outputs.push(shape);
  });
  if (shape.length !== 1)
    throw new DistillError('usage', `model ${name}`, {
      expected: 'features at its end, one for each class',
      found: `maps of ${shape.join('×')}`,
      fix: 'end it with a flatten and a dense layer',
    });
  const layers = specs.map((spec, i) => withPhases(spec, outputs[i]!, specs.slice(i + 1)));
  return { imageShape, layers, weights, weightCount: offset, classes: sizeOf(shape) };
}

/** Shape of one sample after each layer. */
export function outputShapes({ layers, imageShape }: Net): SampleShape[] {
  let shape = imageShape;
  return layers.map(spec => {
    shape = layerOf(spec).output(spec, shape);
    return shape;
  });
}

/** Multiplications by kernels for the logits of one image: each kernel is used whole at each position of its layer's output. */
export function multiplications(net: Net): number {
  const outputs = outputShapes(net);
  return net.layers.reduce((total, spec, i) => {
    const { kernel } = layerOf(spec).weights(spec, outputs[i - 1] ?? net.imageShape);
    return kernel ? total + sizeOf(kernel) * sizeOf(outputs[i]!.slice(0, -1)) : total;
  }, 0);
}

/** Logits (B, K) of images (B, H, W, C) under weight tensors in the order of `net.weights`. Markov 2020: Model.forward. */
export function forward(net: Net, images: Tensor, weights: readonly Tensor[]): Tensor {
  return forwardFrom(net, 0, { layout: 'images', tensor: images }, net.imageShape, weights);
}

/** The same from layer `first` on, given its input and the weights from there on. */
export function forwardFrom(
  net: Net,
  first: number,
  x: Activation,
  inputShape: SampleShape,
  weights: readonly Tensor[],
): Tensor {
  let [activation, shape, next] = [x, inputShape, 0];
  for (const spec of net.layers.slice(first)) {
    const layer = layerOf(spec);
    const names = Object.keys(layer.weights(spec, shape));
    const own = Object.fromEntries(names.map(name => [name, weights[next++]!]));
    activation = layer.forward(activation, own, spec, shape);
    shape = layer.output(spec, shape);
  }
  return batchFirst(activation).tensor;
}

/** The weight tensors of a flat vector (P), as layers compute with them. */
export const unflatten = (net: Net, flat: Tensor): Tensor[] =>
  net.weights.map(spec =>
    turnedAs(spec, reshape(slice(flat, [spec.offset], [sizeOf(spec.shape)]), spec.shape)),
  );

/** The flat vector (P) of weight tensors. */
export const flatten = (net: Net, weights: readonly Tensor[]): Tensor =>
  concat(
    weights.map((w, i) => reshape(turnedAs(net.weights[i]!, w), [sizeOf(w.shape)])),
    0,
  );

/** A weight tensor as layers compute with it from the stored one, and back. */
const turnedAs = ({ turned }: WeightSpec, t: Tensor): Tensor => (turned ? transpose(t, [1, 0]) : t);

/** A convolution that gives maps of `output` computes in the phases of the pooling that follows it: one by square windows that do not overlap, with only
 *  layers between that don't ask where a pixel lies. Pixels that the pooling leaves out are not computed, unless one of these layers needs all. */
function withPhases(spec: LayerSpec, output: SampleShape, rest: readonly LayerSpec[]): LayerSpec {
  const at = rest.findIndex(other => !layerOf(other).pixels);
  const pool = rest[at];
  if (spec.layer !== 'conv' || (pool?.layer !== 'averagePool' && pool?.layer !== 'maxPool')) return spec;
  const [size, stride] = [pair(pool.size), pair(pool.stride ?? pool.size)];
  const tiles = size[0] === size[1] && `${stride}` === `${size}` && pool.padding !== 'same';
  const together = rest.slice(0, at).some(other => layerOf(other).pixels === 'together');
  const whole = size.every((pixels, axis) => output[axis]! % pixels === 0);
  return tiles && (whole || !together) ? { ...spec, phases: size[0] } : spec;
}
