/** @file The shape of a Keras model's input. In: what its first layer or the model itself says of it. Out: the axes of one image. */
import { z } from 'zod';
import { badModel, show } from '../complaints.ts';
import type { OwnLayer } from '../layerSpecs.ts';
import type { Entry } from './entries.ts';

/** Sizes of one sample's axes; null where the model takes any. */
export type Axes = readonly (number | null)[];

const BatchShape = z.array(z.int().min(1).max(65_536).nullable()).min(2).max(4);

/** Undefined when the model was written before it knew. @throws DistillError 'bad-file' for what is no input of images. */
export function inputAxes(model: Entry, first: Entry): Axes | undefined {
  const shape = first.inputShape ?? model.inputShape ?? undefined;
  if (shape === undefined) return undefined;
  const parsed = BatchShape.safeParse(shape);
  if (parsed.success) return parsed.data.slice(1);
  throw badModel(
    `${first.where}, input shape`,
    '[null, height, width, channels]',
    show(shape),
    'a net here takes images',
  );
}

/** Models of features and of images without an axis for channels take our images (H, W, C) once they are flattened or reshaped.
 *  @returns whether a flatten must go before the first layer, and the shape with every size known
 *  @throws  DistillError 'bad-file' for images without channels that go into a layer that would take their width for channels. */
export function imageAxes(
  axes: Axes | undefined,
  first: OwnLayer | undefined,
  where: string,
): { readonly flattened: boolean; readonly inputShape: readonly number[] | undefined } {
  const anyShape = first?.layer === 'flatten' || first?.layer === 'reshape';
  if (axes?.length === 2 && !anyShape)
    throw badModel(
      `${where}, input shape`,
      'an axis for channels, or Flatten or Reshape as the first layer',
      show(axes),
      'give the input as (height, width, channels)',
    );
  const known = axes?.every(size => size !== null);
  return {
    flattened: axes?.length === 1 && !anyShape,
    inputShape: known ? (axes as readonly number[]) : undefined,
  };
}
