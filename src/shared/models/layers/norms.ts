/** @file Norms: groups of a sample's numbers brought to mean 0 and variance 1, then scaled and shifted by channel. They see one sample at a time, so a
 *  distilled set trains the same net whatever batch it lies in. Source: Ba et al. 2016, Wu & He 2018, Ulyanov et al. 2016, as Keras has them. */
import {
  add,
  div,
  mul,
  reshape,
  type Shape,
  scalar,
  sizeOf,
  sqrt,
  sub,
  sum,
  type Tensor,
} from '../../graph/index.ts';
import type { Activation, Layer, SampleShape } from './layer.ts';
import { asMaps, maps, needsMaps } from './layouts.ts';

export interface NormOptions {
  /** Added to the variance. */
  readonly epsilon?: number;
  /** Whether there is a shift, and whether a scale; both unless said. */
  readonly center?: boolean;
  readonly scale?: boolean;
}

/** How the numbers of an activation are grouped: (outer, n, inner) in the order in which they lie, a group being the n of one outer and inner index. */
type Grouping<O> = (
  options: O,
  shape: Shape,
  layout: Activation['layout'],
) => readonly [number, number, number];

const norm = <O extends NormOptions>(
  pixels: NonNullable<Layer<O>['pixels']>,
  defaultEpsilon: number,
  check: (options: O, input: SampleShape) => void,
  grouping: Grouping<O>,
): Layer<O> => ({
  weights: ({ center = true, scale = true }, input) => ({
    ...(scale && { scale: [input.at(-1)!] }),
    ...(center && { shift: [input.at(-1)!] }),
  }),
  output: (options, input) => {
    check(options, input);
    return input;
  },
  forward: (x, { scale, shift }, options) => {
    const given = x.layout === 'images' ? asMaps(maps(x)) : x;
    const { tensor } = given;
    const groups = reshape(tensor, grouping(options, tensor.shape, given.layout));
    let y = reshape(standardised(groups, options.epsilon ?? defaultEpsilon), tensor.shape);
    if (scale) y = mul(y, byChannel(scale, given.layout));
    if (shift) y = add(y, byChannel(shift, given.layout));
    return { ...given, tensor: y };
  },
  pixels,
});

/** Over the last axis: all features, or the channels of each pixel. */
export const layerNorm: Layer<NormOptions> = norm(
  'apart',
  1e-3,
  () => {},
  (_, shape, layout) => (layout === 'rows' ? [shape[0]!, shape[1]!, 1] : [1, shape[0]!, rest(shape)]),
);

/** Over the pixels of each of `groups` groups of neighbouring channels; features are maps of one pixel. */
export const groupNorm: Layer<NormOptions & { readonly groups: number }> = norm(
  'together',
  1e-3,
  ({ groups }, input) => {
    if (input.at(-1)! % groups !== 0)
      throw new RangeError(`${input.at(-1)} channels can’t be split into ${groups} groups`);
  },
  ({ groups }, shape, layout) => inGroups(groups, shape, layout),
);

/** Over the pixels of each channel. */
export const instanceNorm: Layer<NormOptions> = norm(
  'together',
  1e-5,
  (_, input) => void needsMaps('instanceNorm', input),
  (_, shape, layout) => inGroups(shape[0]!, shape, layout),
);

function inGroups(groups: number, shape: Shape, layout: Activation['layout']): [number, number, number] {
  if (layout === 'rows') return [shape[0]! * groups, shape[1]! / groups, 1];
  const batch = shape.at(-1)!;
  return [groups, ((shape[0]! / groups) * rest(shape)) / batch, batch];
}

/** Elements of one row of the first axis. */
const rest = (shape: Shape): number => sizeOf(shape.slice(1));

/** (x − mean)/√(variance + ε) over the middle axis. The quotient is taken of the few deviations, not of the many numbers. */
function standardised(x: Tensor, epsilon: number): Tensor {
  const mean = (t: Tensor): Tensor => mul(scalar(1 / x.shape[1]!), sum(t, [1]));
  const centred = sub(x, mean(x));
  const deviation = sqrt(add(mean(mul(centred, centred)), scalar(epsilon)));
  return mul(centred, div(scalar(1), deviation));
}

/** A weight per channel, as it broadcasts to an activation. */
const byChannel = (weight: Tensor, layout: Activation['layout']): Tensor =>
  layout === 'rows'
    ? weight
    : reshape(weight, [weight.shape[0]!, ...(layout === 'maps' ? [1, 1, 1, 1] : [1])]);
