/** @file Fusion: sums with products become `gemm`, which adds while it multiplies. A weight update w − xᵀδ is then one pass over the weights. */
import { add, concat, gemm } from '../primitives/index.ts';
import { sameShape, sizeOf } from '../shape.ts';
import { type Apply, isApply, type Tensor } from '../tensor.ts';
import { oriented } from './factors.ts';
import type { Rule } from './rewrite.ts';

/** c ± A·B → gemm, where the product is used nowhere else. In a sum of several products the plain term goes innermost. */
export const fuse: Rule = (t, uses) => {
  if (!isApply(t, 'add') && !isApply(t, 'sub')) return undefined;
  const [a, b] = t.inputs as [Tensor, Tensor];
  const alpha = isApply(t, 'sub') ? -1 : 1;
  return fused(a, b, alpha, uses) ?? (alpha === 1 ? fused(b, a, 1, uses) : undefined);
};

function fused(c: Tensor, product: Tensor, alpha: 1 | -1, uses: (t: Tensor) => number): Tensor | undefined {
  if (uses(product) > 1 || !broadcastsTo(c, product)) return undefined;
  if (isApply(product, 'matmul')) {
    const [a, b] = product.inputs as [Tensor, Tensor];
    if (isApply(c, 'gemm') && uses(c) === 1 && sameShape(c.shape, product.shape)) {
      const joined = oneProduct(c, product, alpha);
      if (joined !== undefined) return joined;
    }
    return gemm(a, b, c, { ...product.params, alpha });
  }
  if (alpha === 1 && isApply(product, 'gemm')) return inner(c, product, uses);
  return undefined;
}

/** c + (α·A·B + d) where d is a product itself: α·A·B + (c + d), and c + d fuses in turn. */
function inner(c: Tensor, sum: Apply<'gemm'>, uses: (t: Tensor) => number): Tensor | undefined {
  const [a, b, d] = sum.inputs as [Tensor, Tensor, Tensor];
  if (!isApply(d, 'matmul') && !isApply(d, 'gemm')) return undefined;
  const deeper = fuse(add(c, d), uses);
  return deeper === undefined ? undefined : gemm(a, b, deeper, sum.params);
}

/** A₁·B₁ + α·A₂·B₂ + C = [A₁ A₂]·[B₁; B₂] + C, one pass over C instead of two: where C is large beside all four factors. */
function oneProduct(
  sum: Apply<'gemm'>,
  { inputs, params }: Apply<'matmul'>,
  alpha: number,
): Tensor | undefined {
  const [a1, b1, c] = sum.inputs as [Tensor, Tensor, Tensor];
  const [a2, b2] = inputs as [Tensor, Tensor];
  const factors = [a1, b1, a2, b2].reduce((total, t) => total + sizeOf(t.shape), 0);
  if (sum.params.alpha !== alpha || 2 * factors > sizeOf(c.shape)) return undefined;
  const [left, right] = [
    oriented(a2, params.transposeA, sum.params.transposeA),
    oriented(b2, params.transposeB, sum.params.transposeB),
  ];
  return gemm(
    concat([a1, left], sum.params.transposeA ? 0 : 1),
    concat([b1, right], sum.params.transposeB ? 1 : 0),
    c,
    sum.params,
  );
}

/** Whether `c` can be added to `t` without changing its shape. */
const broadcastsTo = (c: Tensor, t: Tensor): boolean =>
  c.shape.length <= t.shape.length &&
  c.shape.every((size, i) => size === 1 || size === t.shape[i + t.shape.length - c.shape.length]);
