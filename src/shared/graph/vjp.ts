/** @file Reverse-mode differentiation: the walk from outputs back to inputs. In: outputs and their cotangents. Out: cotangents of any tensors.
 *  The result is a graph of primitives, so it can be differentiated again. A scan has no rule here on purpose: the way back through the inner
 *  steps is walked by hand in distillation/, which decides what is stored and what is computed again. */
import { add, expand, sumTo } from './primitives/index.ts';
import { sameShape, showShape } from './shape.ts';
import { dependents, operands, scalar, type Tensor, topological } from './tensor.ts';

/** Vector-Jacobian product: for each tensor of `wrt`, Σ over outputs of cotangentᵀ · ∂output/∂tensor, shaped as the tensor; zeros where no
 *  output depends on it. Cost: a small multiple of computing the outputs. @throws RangeError when a cotangent has not its output's shape. */
export function vjp(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
): Tensor[] {
  const order = topological(outputs);
  const between = dependents(order, wrt);
  const sums = new Map<Tensor, Tensor>();
  const accumulate = (t: Tensor, g: Tensor): void => {
    const before = sums.get(t);
    const part = sumTo(g, t.shape);
    sums.set(t, before === undefined ? part : add(before, part));
  };
  outputs.forEach((output, i) => {
    const g = cotangents[i];
    if (g === undefined || !sameShape(g.shape, output.shape))
      throw new RangeError(
        `vjp: output ${i} has shape ${showShape(output.shape)}, its cotangent ${g && showShape(g.shape)}`,
      );
    if (between.has(output)) accumulate(output, g);
  });
  for (const t of order.reverse()) {
    const g = sums.get(t);
    if (g === undefined || !operands(t).some(o => between.has(o))) continue;
    if (t.kind !== 'apply') throw new RangeError('vjp: a scan has no rule; walk its iterations back by hand');
    t.primitive.vjp(g, t.inputs, t, t.params).forEach((part, i) => {
      const operand = t.inputs[i]!;
      if (between.has(operand)) accumulate(operand, part);
    });
  }
  return wrt.map(t => sums.get(t) ?? expand(scalar(0), t.shape));
}

/** Gradient of a scalar with respect to each tensor of `wrt`. */
export const gradient = (output: Tensor, wrt: readonly Tensor[]): Tensor[] => vjp([output], [scalar(1)], wrt);
