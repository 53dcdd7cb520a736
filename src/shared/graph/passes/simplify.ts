/** @file Algebra: patterns and what replaces them, each a line or two. Every rule keeps shape and meaning; none makes more work. */
import { add, expand, matmul, mul, neg, reshape, sub, sum, transpose } from '../primitives/index.ts';
import { sameShape, sizeOf } from '../shape.ts';
import {
  type Apply,
  constant,
  isApply,
  type Op,
  type Primitive,
  scalar,
  scalarValue,
  type Tensor,
} from '../tensor.ts';
import {
  asScalar,
  outOfSum,
  overOneFactor,
  pair,
  scaledAgain,
  scaledOperand,
  scaledProduct,
  shaped,
  together,
  twice,
} from './factors.ts';
import type { Rule } from './rewrite.ts';

/** Results up to this many elements are folded to constants: enough for every scalar and small mask, too little to bloat a graph. */
const foldLimit = 4096;

/** Computes what depends on constants only. */
export const fold: Rule = t =>
  t.kind === 'apply' &&
  t.inputs.every(o => o.kind === 'constant') &&
  sizeOf(t.shape) <= foldLimit &&
  !stretches(t)
    ? constant(t.primitive.reference(t.inputs as never, t.params, t.shape), t.shape)
    : undefined;

/** x + 0, 1·x and their like; negations, scalars and transposes moved to where they cost least: a scalar to the smallest of A, B and A·B. */
export const simplify: Rule = (t, uses) => {
  if (t.kind !== 'apply') return undefined;
  return (
    (rules[t.primitive.op] as SimplifyOp | undefined)?.(t, uses) ??
    (elementwise.has(t.primitive.op) ? unexpand(t) : undefined)
  );
};

type SimplifyOp = (t: Apply, uses: (t: Tensor) => number) => Tensor | undefined;

const rules: { readonly [P in Op]?: SimplifyOp } = {
  add: (t, uses) => {
    const [a, b] = pair(t);
    if (isZero(a)) return shaped(b, t);
    if (isZero(b)) return shaped(a, t);
    if (isApply(b, 'neg')) return sub(a, b.inputs[0]!);
    if (isApply(a, 'neg')) return sub(b, a.inputs[0]!);
    if (a === b) return mul(scalar(2), a);
    return twice(t) ?? overOneFactor(t, uses);
  },
  sub: t => {
    const [a, b] = pair(t);
    if (isZero(b)) return shaped(a, t);
    if (isZero(a)) return shaped(neg(b), t);
    if (isApply(b, 'neg')) return add(a, b.inputs[0]!);
    if (isApply(a, 'neg') && a.inputs[0] === b) return mul(scalar(-2), b);
    return undefined;
  },
  mul: (t, uses) => {
    const [a, b] = pair(t);
    const [s, x] = sizeOf(a.shape) === 1 ? [a, b] : [b, a];
    if (isZero(a) || isZero(b)) return expand(scalar(0), t.shape);
    if (isApply(x, 'neg')) return neg(mul(s, x.inputs[0]!));
    if (isApply(s, 'neg')) return neg(mul(s.inputs[0]!, x));
    if (sizeOf(s.shape) !== 1) return together(t);
    const value = scalarValue(s);
    if (value === 1) return shaped(x, t);
    if (value === -1) return shaped(neg(x), t);
    if (isApply(x, 'mul') && value !== undefined) return scaledAgain(value, x, t) ?? together(t);
    if (value !== undefined && sameShape(x.shape, t.shape)) {
      if (isApply(x, 'reshape')) return reshape(mul(scalar(value), x.inputs[0]!), t.shape);
      if (isApply(x, 'transpose')) return transpose(mul(scalar(value), x.inputs[0]!), x.params.perm);
    }
    return (s.shape.length <= 2 ? scaledProduct(asScalar(s), x, uses) : undefined) ?? together(t);
  },
  div: t => {
    const [a, b] = pair(t);
    const value = scalarValue(b);
    if (isZero(a)) return expand(scalar(0), t.shape);
    return value === undefined ? undefined : shaped(mul(a, scalar(1 / value)), t);
  },
  neg: t => {
    const x = t.inputs[0]!;
    if (isApply(x, 'neg')) return x.inputs[0];
    if (isApply(x, 'sub')) return sub(x.inputs[1]!, x.inputs[0]!);
    return throughReshape(t);
  },
  exp: t => throughReshape(t),
  log: t => throughReshape(t),
  tanh: t => throughReshape(t),
  sqrt: t => throughReshape(t),
  softplus: t => throughReshape(t),
  relu: t => throughReshape(t),
  greater: t => (sizeOf(t.inputs[1]!.shape) === 1 ? throughReshape(t) : undefined),
  sum: t => {
    const x = t.inputs[0]!;
    const axes = (t as Apply<'sum'>).params.axes.filter(axis => x.shape[axis] !== 1);
    if (isZero(x)) return expand(scalar(0), t.shape);
    if (axes.length === 0) return x;
    if (isApply(x, 'neg')) return neg(sum(x.inputs[0]!, axes));
    const short = contracted(t as Apply<'sum'>) ?? outOfSum(t as Apply<'sum'>);
    if (short !== undefined) return short;
    return axes.length < (t as Apply<'sum'>).params.axes.length ? sum(x, axes) : undefined;
  },
  max: t => unmoved(t),
  slice: t => unmoved(t),
  pad: t => unmoved(t),
  patches: t => unmoved(t),
  fold: t => unmoved(t),
  expand: t => {
    const x = t.inputs[0]!;
    if (sameShape(x.shape, t.shape)) return x;
    return isApply(x, 'expand') ? expand(x.inputs[0]!, t.shape) : undefined;
  },
  reshape: t => {
    const x = t.inputs[0]!;
    if (sameShape(x.shape, t.shape)) return x;
    if (isApply(x, 'reshape')) return reshape(x.inputs[0]!, t.shape);
    return isZero(x) ? expand(scalar(0), t.shape) : undefined;
  },
  transpose: t => {
    const x = t.inputs[0]!;
    const { perm } = (t as Apply<'transpose'>).params;
    if (perm.every((axis, i) => axis === i)) return x;
    return isApply(x, 'transpose')
      ? transpose(
          x.inputs[0]!,
          perm.map(axis => x.params.perm[axis]!),
        )
      : undefined;
  },
  matmul: t => {
    const [a, b] = pair(t);
    const { transposeA, transposeB } = (t as Apply<'matmul'>).params;
    if (isZero(a) || isZero(b)) return expand(scalar(0), t.shape);
    if (isTurned(a)) return matmul(a.inputs[0]!, b, { transposeA: !transposeA, transposeB });
    if (isTurned(b)) return matmul(a, b.inputs[0]!, { transposeA, transposeB: !transposeB });
    if (isApply(a, 'neg')) return neg(matmul(a.inputs[0]!, b, { transposeA, transposeB }));
    if (isApply(b, 'neg')) return neg(matmul(a, b.inputs[0]!, { transposeA, transposeB }));
    return scaledOperand(t as Apply<'matmul'>, a, b) ?? scaledOperand(t as Apply<'matmul'>, b, a);
  },
};

const elementwise: ReadonlySet<Op> = new Set<Op>(['add', 'sub', 'mul', 'div', 'greater']);

/** Zero wherever it is looked at: a constant, or one that was only stretched or reshaped. */
function isZero(t: Tensor): boolean {
  if (t.kind === 'constant') return t.data.every(v => v === 0);
  return (isApply(t, 'expand') || isApply(t, 'reshape')) && isZero(t.inputs[0]!);
}

/** A matrix whose axes are exchanged; a transpose may also leave them as they are. */
const isTurned = (t: Tensor): t is Apply<'transpose'> => isApply(t, 'transpose') && t.params.perm[0] === 1;

/** The operand of what only moves numbers, or takes the largest of some, where none is moved: its shape is the same then. */
const unmoved = (t: Apply): Tensor | undefined =>
  sameShape(t.inputs[0]!.shape, t.shape) ? t.inputs[0] : undefined;

const stretches = (t: Apply): boolean => sizeOf(t.shape) > Math.max(...t.inputs.map(o => sizeOf(o.shape)));

/** f(reshape x) = reshape f(x): reshapes go outwards, so that f stands beside what it can be fused with. A second operand is one number. */
function throughReshape(t: Apply): Tensor | undefined {
  const [x, ...number] = t.inputs;
  if (!isApply(x!, 'reshape') || number.some(o => o.shape.length > x.inputs[0]!.shape.length))
    return undefined;
  const inner = x.inputs[0]!;
  return reshape({ ...t, inputs: [inner, ...number], shape: inner.shape }, t.shape);
}

/** Σ V ⊙ (A·B) = Σ A ⊙ (V·Bᵀ) = Σ B ⊙ (Aᵀ·V): the sum over all of a product with a large V never needs A·B itself. */
function contracted(t: Apply<'sum'>): Tensor | undefined {
  const x = t.inputs[0]!;
  if (sizeOf(t.shape) !== 1 || !isApply(x, 'mul')) return undefined;
  const [p, q] = pair(x as Apply);
  const [v, product] = isApply(q, 'matmul') ? [p, q] : [q, p];
  if (!isApply(product, 'matmul') || !sameShape(v.shape, product.shape)) return undefined;
  const [a, b] = pair(product as Apply);
  const smaller = sizeOf(a.shape) < sizeOf(b.shape) ? a : b;
  if (sizeOf(smaller.shape) >= sizeOf(v.shape)) return undefined;
  const pulled = product.primitive.vjp(v, product.inputs, product, product.params)[smaller === a ? 0 : 1]!;
  return reshape(sum(mul(smaller, pulled), [0, 1]), t.shape);
}

/** An operand that was stretched to the result's shape needs no stretching: elementwise primitives broadcast. */
function unexpand(t: Apply): Tensor | undefined {
  const [a, b] = pair(t);
  const build = t.primitive as Primitive;
  for (const [i, x, other] of [
    [0, a, b],
    [1, b, a],
  ] as const)
    if (isApply(x, 'expand') && sameShape(other.shape, t.shape)) {
      const small = x.inputs[0]!;
      return { ...t, primitive: build, inputs: i === 0 ? [small, b] : [a, small] } as Tensor;
    }
  return undefined;
}
