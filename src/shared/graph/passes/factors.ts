/** @file Factors moved to where they cost least: numbers to the smallest of what is multiplied, small factors together, those that a sum does not go over out of it. Each
 *  keeps shape and meaning. */
import { add, expand, matmul, mul, reshape, sub, sum, transpose } from '../primitives/index.ts';
import { broadcastShapes, sameShape, sizeOf } from '../shape.ts';
import { type Apply, isApply, scalar, scalarValue, type Tensor } from '../tensor.ts';

export const pair = (t: Apply): readonly [Tensor, Tensor] => [t.inputs[0]!, t.inputs[1]!];

/** `x` in the shape of `t`, to which it broadcasts. */
export const shaped = (x: Tensor, t: Tensor): Tensor =>
  sameShape(x.shape, t.shape) ? x : expand(x, t.shape);

export const asScalar = (s: Tensor): Tensor => (s.shape.length === 0 ? s : reshape(s, []));

/** (X·a)·b = X·(a·b) for a and b that together are smaller than X: one walk over X, not two. */
export function together(t: Apply): Tensor | undefined {
  const small = (x: Tensor): boolean => sizeOf(x.shape) < sizeOf(t.shape);
  for (const [product, b] of ordered(t)) {
    if (!isApply(product, 'mul') || !small(b)) continue;
    for (const [x, a] of ordered(product))
      if (
        sameShape(x.shape, t.shape) &&
        small(a) &&
        sizeOf(broadcastShapes(a.shape, b.shape)) < sizeOf(t.shape)
      )
        return mul(x, mul(a, b));
  }
  return undefined;
}

/** Σ a·X = a·Σ X, where a is the same along all that is summed. */
export function outOfSum(t: Apply<'sum'>): Tensor | undefined {
  const product = t.inputs[0]!;
  if (!isApply(product, 'mul')) return undefined;
  const { axes } = t.params;
  const rank = product.shape.length;
  const isFixed = ({ shape }: Tensor): boolean =>
    axes.every(axis => (shape[axis - rank + shape.length] ?? 1) === 1);
  for (const [x, a] of ordered(product))
    if (sameShape(x.shape, product.shape) && isFixed(a)) return mul(a, sum(x, axes));
  return undefined;
}

/** (y + p) + p = y + 2·p. */
export function twice(t: Apply): Tensor | undefined {
  for (const [total, p] of ordered(t))
    if (isApply(total, 'add'))
      for (const [q, y] of ordered(total)) if (p === q) return add(y, mul(scalar(2), p));
  return undefined;
}

/** A·X + B·X = (A + B)·X, and X·A + X·B likewise; also in (y + A·X) + B·X. No one else reads the products. */
export function overOneFactor(t: Apply, uses: (t: Tensor) => number): Tensor | undefined {
  for (const [total, p] of ordered(t)) {
    const joined = summedFactors(total, p, uses);
    if (joined !== undefined) return joined;
    if (!isApply(total, 'add') || uses(total) > 1) continue;
    for (const [q, y] of ordered(total)) {
      const inner = summedFactors(q, p, uses);
      if (inner !== undefined) return add(y, inner);
    }
  }
  return undefined;
}

function summedFactors(p: Tensor, q: Tensor, uses: (t: Tensor) => number): Tensor | undefined {
  if (!isApply(p, 'matmul') || !isApply(q, 'matmul') || uses(p) > 1 || uses(q) > 1) return undefined;
  const [[a, x], [b, y]] = [pair(p as Apply), pair(q as Apply)];
  const [{ transposeA, transposeB }, other] = [p.params, q.params];
  if (x === y && transposeB === other.transposeB)
    return matmul(add(a, oriented(b, other.transposeA, transposeA)), x, p.params);
  if (a === b && transposeA === other.transposeA)
    return matmul(a, add(x, oriented(y, other.transposeB, transposeB)), p.params);
  return undefined;
}

/** A matrix that is transposed where a product reads it, or is not, for one that reads it otherwise. */
export const oriented = (t: Tensor, is: boolean, shouldBe: boolean): Tensor =>
  is === shouldBe ? t : transpose(t, [1, 0]);

/** Both operands, and both the other way round. */
const ordered = (t: Apply): (readonly [Tensor, Tensor])[] => [pair(t), [t.inputs[1]!, t.inputs[0]!]];

/** The constant of a product and what it multiplies. */
function constantFactor(t: Apply<'mul'>): { readonly by: number; readonly x: Tensor } | undefined {
  const [a, b] = pair(t as Apply);
  const by = scalarValue(a) ?? scalarValue(b);
  return by === undefined ? undefined : { by, x: scalarValue(a) === undefined ? a : b };
}

/** c·(d·x) = (c·d)·x for constants c and d. */
export function scaledAgain(c: number, x: Apply<'mul'>, t: Apply): Tensor | undefined {
  const factors = constantFactor(x);
  return factors && shaped(mul(scalar(c * factors.by), factors.x), t);
}

/** s·(A·B) = (s·A)·B: scales the smaller operand, when that is smaller than the product; of a sum or difference of products each one's, where nothing else uses them. */
export function scaledProduct(s: Tensor, product: Tensor, uses: (t: Tensor) => number): Tensor | undefined {
  if (isApply(product, 'add') || isApply(product, 'sub')) {
    const parts = pair(product);
    if ([product, ...parts].some(t => uses(t) > 1 || !sameShape(t.shape, product.shape))) return undefined;
    const [x, y] = parts.map(t => scaledProduct(s, t, uses));
    return x && y && (isApply(product, 'add') ? add(x, y) : sub(x, y));
  }
  if (!isApply(product, 'matmul')) return undefined;
  const [a, b] = pair(product as Apply);
  const smaller = Math.min(sizeOf(a.shape), sizeOf(b.shape));
  if (smaller >= sizeOf(product.shape)) return undefined;
  return sizeOf(a.shape) === smaller
    ? matmul(mul(s, a), b, product.params)
    : matmul(a, mul(s, b), product.params);
}

/** (s·A)·B = s·(A·B): takes the scalar off an operand that is larger than the other one or the product; a constant also where A is then moved. */
export function scaledOperand(t: Apply<'matmul'>, scaled: Tensor, other: Tensor): Tensor | undefined {
  if (sizeOf(scaled.shape) <= Math.min(sizeOf(other.shape), sizeOf(t.shape))) return undefined;
  if (isApply(scaled, 'reshape') || isApply(scaled, 'transpose')) {
    const bare = unscaled(scaled);
    if (bare === undefined) return undefined;
    const operands = t.inputs[0] === scaled ? ([bare.x, other] as const) : ([other, bare.x] as const);
    return mul(scalar(bare.by), matmul(...operands, t.params));
  }
  if (!isApply(scaled, 'mul')) return undefined;
  const [p, q] = pair(scaled as Apply);
  const [s, x] = sizeOf(p.shape) === 1 ? [p, q] : [q, p];
  if (sizeOf(s.shape) !== 1 || !sameShape(x.shape, scaled.shape)) return undefined;
  const operands = t.inputs[0] === scaled ? ([x, other] as const) : ([other, x] as const);
  return mul(asScalar(s), matmul(...operands, t.params));
}

/** What `t` is a constant times of, through reshapes and transposes. */
function unscaled(t: Tensor): { readonly by: number; readonly x: Tensor } | undefined {
  if (isApply(t, 'mul')) {
    const factors = constantFactor(t);
    return factors && sameShape(factors.x.shape, t.shape) ? factors : undefined;
  }
  if (!isApply(t, 'reshape') && !isApply(t, 'transpose')) return undefined;
  const inner = unscaled(t.inputs[0]!);
  if (inner === undefined) return undefined;
  const x = isApply(t, 'reshape') ? reshape(inner.x, t.shape) : transpose(inner.x, t.params.perm);
  return { by: inner.by, x };
}
