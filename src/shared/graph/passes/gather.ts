/** @file The gradient of a convolution with respect to its maps, as a convolution. Its derivative is `fold` of a matrix product with a row for each pixel of a window: what
 *  each window gives is scattered over the maps. Here each pixel of the maps gathers from the windows that it lies in, and that wide product is never made. */
import { add, matmul, pad, patches, reshape, transpose } from '../primitives/index.ts';
import { type Apply, constant, isApply, type Tensor } from '../tensor.ts';
import type { Rule } from './rewrite.ts';

/** fold(K·z) = K′·patches(z within zeros), K′ being K turned by 180°, for windows that move by one pixel. What a slice then cuts off the maps is not computed.
 *  A rule with a memory: of what it made from which fold. Make a new one for each rewrite. */
export function gather(): Rule {
  const scattered = new Map<Tensor, Apply<'fold'>>();
  return (t, uses) => {
    if (isApply(t, 'fold')) {
      const maps = gathered(t, { starts: [0, 0, 0, 0], sizes: t.shape }, uses);
      if (maps !== undefined) scattered.set(maps, t);
      return maps;
    }
    if (!isApply(t, 'slice')) return undefined;
    const whole = t.inputs[0]!;
    const fold = isApply(whole, 'fold') ? whole : scattered.get(whole);
    return fold && uses(whole) === 1 ? gathered(fold, t.params, uses) : undefined;
  };
}

/** The part of a fold's maps that is wanted. */
type Block = Apply<'slice'>['params'];

function gathered(fold: Apply<'fold'>, block: Block, uses: (t: Tensor) => number): Tensor | undefined {
  const columns = fold.inputs[0]!;
  const matrix = isApply(columns, 'reshape') ? columns.inputs[0]! : undefined;
  if (matrix?.shape.length !== 2 || matrix.shape[0] !== columns.shape[0]) return undefined;
  /** Term by term: the fold of a sum is the sum of folds. */
  const terms = (t: Tensor): Tensor | undefined => {
    if (uses(t) > 1) return undefined;
    if (isApply(t, 'matmul')) return convolved(t, fold, block);
    if (!isApply(t, 'add')) return undefined;
    const [p, q] = t.inputs.map(terms);
    return p && q && add(p, q);
  };
  const sum = terms(matrix);
  return sum && reshape(sum, block.sizes);
}

type Maps = readonly [channels: number, height: number, width: number, batch: number];

/** The block, as a matrix (channels, pixels), of the fold of one product K·z. */
function convolved(
  { inputs, params }: Apply<'matmul'>,
  fold: Apply<'fold'>,
  block: Block,
): Tensor | undefined {
  const kernel = oriented(inputs[0]!, params.transposeA);
  const zeros = zerosAround(fold, block);
  const filters = kernel.shape[1]!;
  const [, h, w, batch] = fold.inputs[0]!.shape as Maps;
  const [channels, height, width] = block.sizes as Maps;
  if (zeros === undefined || !pays(channels, filters, h * w, height * width)) return undefined;
  const z = reshape(oriented(inputs[1]!, params.transposeB), [filters, h, w, batch]);
  const { size, stride } = fold.params;
  const windows = patches(pad(z, zeros.before, zeros.after), { size, stride });
  const columns = reshape(windows, [windows.shape[0]!, height * width * batch]);
  return matmul(turned(kernel, channels), columns, { transposeA: true });
}

const oriented = (t: Tensor, transposed: boolean): Tensor => (transposed ? transpose(t, [1, 0]) : t);

/** The zeros around z with which its windows, one for each pixel, give the block; undefined for a block that is not made so: of some channels only, or far inside. */
function zerosAround(
  { shape, params: { size, stride } }: Apply<'fold'>,
  { starts, sizes }: Block,
): Pick<Apply<'pad'>['params'], 'before' | 'after'> | undefined {
  if (stride.some(n => n !== 1)) return undefined;
  const reach = [0, size[0] - 1, size[1] - 1, 0];
  const before = reach.map((n, axis) => n - starts[axis]!);
  const after = reach.map((n, axis) => n - (shape[axis]! - starts[axis]! - sizes[axis]!));
  return [...before, ...after].every(n => n >= 0) ? { before, after } : undefined;
}

/** Whether gathering costs less, for each pixel of a window and each image. To write a number of the wide product and add it to the maps takes at least as long as to read
 *  three numbers of the windows that are gathered from; 16 multiply-adds more, where there are more pixels than windows, take as long as one.
 *  Measured for 1 to 64 channels, 1 to 128 filters, maps of 6×6 to 28×28. */
const pays = (channels: number, filters: number, windows: number, pixels: number): boolean =>
  filters * pixels + (channels * filters * (pixels - windows)) / 16 < 3 * channels * windows;

/** The kernel (kh·kw·C, F) with its pixels in reverse order and its sides exchanged: (kh·kw·F, C). A product with a constant matrix reverses them. */
function turned(kernel: Tensor, channels: number): Tensor {
  const [rows, filters] = kernel.shape as [number, number];
  const pixels = rows / channels;
  const reverse = Float64Array.from(
    { length: pixels ** 2 },
    (_, i) => +(Math.floor(i / pixels) + (i % pixels) === pixels - 1),
  );
  const reversed = matmul(constant(reverse, [pixels, pixels]), reshape(kernel, [pixels, channels * filters]));
  const exchanged = transpose(reshape(reversed, [pixels, channels, filters]), [0, 2, 1]);
  return reshape(exchanged, [pixels * filters, channels]);
}
