/** @file Fusion: sums with products become `gemm`, which adds while it multiplies. A weight update w − xᵀδ is then one pass over the weights. */
import { add, gemm } from '../primitives/index.ts';
import { type Apply, isApply, type Tensor } from '../tensor.ts';
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

/** Whether `c` can be added to `t` without changing its shape. */
const broadcastsTo = (c: Tensor, t: Tensor): boolean =>
  c.shape.length <= t.shape.length &&
  c.shape.every((size, i) => size === 1 || size === t.shape[i + t.shape.length - c.shape.length]);
