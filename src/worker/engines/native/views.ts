/** @file Views: tensors as strided windows on buffers. Most primitives that move elements (reshape, transpose, slice, expand, sliding windows) are another view of
 *  the same buffer and cost nothing; kernels read through views. Knows shapes; no instructions, no memory. */
import { type Shape, sizeOf } from '../../../shared/graph/index.ts';

/** Floats that one instruction writes, or that come from outside. `size` in floats. */
export interface Buffer {
  readonly size: number;
}

/** `size` steps of `stride` floats. */
export interface Dim {
  readonly size: number;
  readonly stride: number;
}

/** The elements of a tensor in row-major order: element number n is found by counting n through `dims`, the last one fastest. The tensor's own axes may be cut
 *  finer than by its shape, or joined. */
export interface View {
  readonly buffer: Buffer;
  /** First element, in floats. */
  readonly offset: number;
  readonly dims: readonly Dim[];
}

/** All of a buffer, in order. */
export const whole = (buffer: Buffer): View => ({
  buffer,
  offset: 0,
  dims: [{ size: buffer.size, stride: 1 }],
});

/** Whether the elements lie one after the other. */
export const isContiguous = ({ dims }: View): boolean => {
  const joined = merged(dims);
  return joined.length === 0 || (joined.length === 1 && joined[0]!.stride === 1);
};

/** The same walk with as few dims as possible: none of size 1, neighbours joined where the outer one goes on where the inner one ends. */
export function merged(dims: readonly Dim[]): Dim[] {
  const out: Dim[] = [];
  for (const dim of dims) {
    const outer = out.at(-1);
    if (dim.size === 1) continue;
    if (outer !== undefined && outer.stride === dim.size * dim.stride)
      out[out.length - 1] = { size: outer.size * dim.size, stride: dim.stride };
    else out.push(dim);
  }
  return out;
}

/** Whether two walks take the same steps. */
export const sameDims = (a: readonly Dim[], b: readonly Dim[]): boolean => {
  const [p, q] = [merged(a), merged(b)];
  return p.length === q.length && p.every((d, i) => d.size === q[i]!.size && d.stride === q[i]!.stride);
};

/** `dims` cut so that groups of them make the axes of `shape`; undefined where an axis ends in the middle of a dim that can't be cut there. */
export function byAxis(dims: readonly Dim[], shape: Shape): Dim[][] | undefined {
  const rest = [...merged(dims)];
  const axes: Dim[][] = [];
  for (const size of [...shape].reverse()) {
    const axis: Dim[] = [];
    let missing = size;
    while (missing > 1) {
      const dim = rest.pop();
      if (dim === undefined) return undefined;
      if (missing % dim.size === 0) {
        axis.unshift(dim);
        missing /= dim.size;
      } else if (dim.size % missing === 0) {
        axis.unshift({ size: missing, stride: dim.stride });
        rest.push({ size: dim.size / missing, stride: dim.stride * missing });
        missing = 1;
      } else return undefined;
    }
    axes.unshift(axis);
  }
  return axes;
}

/** A view whose axes are given one by one; `change` makes new axes of them. Undefined where the view does not show its axes. */
const withAxes = (
  view: View,
  shape: Shape,
  change: (axes: Dim[][]) => readonly (readonly Dim[])[],
  move: (axes: Dim[][]) => number = () => 0,
): View | undefined => {
  const axes = byAxis(view.dims, shape);
  return axes && { ...view, offset: view.offset + move(axes), dims: merged(change(axes).flat()) };
};

export const transposed = (view: View, shape: Shape, perm: readonly number[]): View | undefined =>
  withAxes(view, shape, axes => perm.map(axis => axes[axis]!));

/** `view` of shape `from` repeated to `to`. */
export const expanded = (view: View, from: Shape, to: Shape): View | undefined =>
  withAxes(view, from, axes =>
    to.map((size, i) => {
      const axis = i - (to.length - from.length);
      return axis >= 0 && from[axis] === size ? axes[axis]! : [{ size, stride: 0 }];
    }),
  );

/** The block of `sizes` at `starts`, where each axis that is cut is a single dim. */
export function sliced(
  view: View,
  shape: Shape,
  starts: readonly number[],
  sizes: readonly number[],
): View | undefined {
  const axes = byAxis(view.dims, shape);
  const cut = (axis: number): boolean => sizes[axis] !== shape[axis];
  if (axes === undefined || axes.some((dims, axis) => cut(axis) && dims.length > 1)) return undefined;
  return withAxes(
    view,
    shape,
    all => all.map((dims, axis) => (cut(axis) ? [{ size: sizes[axis]!, stride: dims[0]!.stride }] : dims)),
    all => starts.reduce((sum, start, axis) => sum + (start === 0 ? 0 : start * all[axis]![0]!.stride), 0),
  );
}

/** Sliding windows of maps (C, H, W, B), as the primitive `patches` gives them: (kh·kw·C, h, w, B). */
export function windowed(
  view: View,
  shape: Shape,
  size: readonly [number, number],
  stride: readonly [number, number],
  [h, w]: readonly [number, number],
): View | undefined {
  const axes = byAxis(view.dims, shape);
  const single = (dims: readonly Dim[]): Dim | undefined =>
    dims.length === 1 ? dims[0] : dims.length === 0 ? { size: 1, stride: 0 } : undefined;
  const [down, across] = [axes && single(axes[1]!), axes && single(axes[2]!)];
  if (axes === undefined || down === undefined || across === undefined) return undefined;
  return withAxes(view, shape, ([channels, , , batch]) => [
    [
      { size: size[0], stride: down.stride },
      { size: size[1], stride: across.stride },
    ],
    channels!,
    [
      { size: h, stride: down.stride * stride[0] },
      { size: w, stride: across.stride * stride[1] },
    ],
    batch!,
  ]);
}

/** Maps (C, h·kh, w·kw, B) from windows (kh·kw·C, h, w, B) that lie side by side: the primitive `fold` where no window overlaps another. */
export function tiled(view: View, shape: Shape, [kh, kw]: readonly [number, number]): View | undefined {
  const [rows, h, w, batch] = shape as [number, number, number, number];
  const parts = [kh, kw, rows / (kh * kw), h, w, batch];
  return withAxes(view, parts, ([i, j, c, y, x, b]) => [c!, y!, i!, x!, j!, b!]);
}

/** Ends of dims, counted in elements from the last one: where a walk can be cut. */
export const cutsOf = (dims: readonly Dim[]): number[] => {
  let inner = 1;
  return [...dims].reverse().map(({ size }) => {
    inner *= size;
    return inner;
  });
};

/** Sizes of the common dims of several walks over the same elements, outermost first, or undefined where one's cut falls into the middle of another's dim. */
export function commonSizes(walks: readonly (readonly Dim[])[]): number[] | undefined {
  const cuts = [...new Set(walks.flatMap(cutsOf))].sort((a, b) => a - b);
  const sizes: number[] = [];
  let inner = 1;
  for (const cut of cuts) {
    if (cut % inner !== 0) return undefined;
    if (cut !== inner) sizes.unshift(cut / inner);
    inner = cut;
  }
  return sizes;
}

/** Strides of a walk along `sizes`. @throws RangeError when it can't be cut so: see `commonSizes`. */
export function stridesAlong(dims: readonly Dim[], sizes: readonly number[]): number[] {
  const axes = byAxis(dims, sizes);
  if (axes?.some(axis => axis.length > 1) !== false)
    throw new RangeError(`dims ${JSON.stringify(dims)} do not go along (${sizes})`);
  return axes.map(axis => axis[0]?.stride ?? 0);
}

/** A fresh buffer's view of row-major `shape`, cut at its axes. */
export const rowMajor = (buffer: Buffer, shape: Shape): View => {
  let stride = sizeOf(shape);
  return {
    buffer,
    offset: 0,
    dims: shape.map(size => {
      stride /= size;
      return { size, stride };
    }),
  };
};
