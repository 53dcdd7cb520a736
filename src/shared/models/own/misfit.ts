/** @file Whether a model fits a data set, as far as its file tells. In: a model, the images' shape, K. Out: what is expected and what is found. */
import { sizeOf } from '../../graph/index.ts';
import type { OwnLayer } from './layerSpecs.ts';

/** Features that a list of layers gives, where it says so: the units of its last dense layer, or the filters whose maps are averaged at the end. */
export function classesOf(layers: readonly OwnLayer[]): number | undefined {
  let averaged = false;
  for (const spec of layers.toReversed()) {
    if (spec.layer === 'dense') return spec.units === 'classes' ? undefined : spec.units;
    if (spec.layer === 'conv') return averaged ? spec.filters : undefined;
    if (spec.layer === 'flatten' || spec.layer === 'reshape') return undefined;
    averaged ||= spec.layer === 'globalAveragePool';
  }
  return undefined;
}

/** @returns undefined when nothing speaks against it; sizes inside the net are seen when it is laid out. */
export function misfit(
  { inputShape, classes: given }: { readonly inputShape?: readonly number[]; readonly classes?: number },
  imageShape: readonly number[],
  classes: number,
): { readonly expected: string; readonly found: string } | undefined {
  const [height, width, channels] = imageShape;
  // Without channels, or flat: as many numbers will do, since they are flattened or reshaped first.
  const fitting = [[height, width, channels], channels === 1 ? [height, width] : [], [sizeOf(imageShape)]];
  if (inputShape && !fitting.some(shape => shape.join() === inputShape.join()))
    return {
      expected: `a model for images of ${imageShape.join('×')}`,
      found: `one for an input of ${inputShape.join('×')}`,
    };
  if (given !== undefined && given !== classes)
    return { expected: `${classes} outputs, one for each class`, found: `a model with ${given}` };
  return undefined;
}
