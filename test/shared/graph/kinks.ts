/** @file The moves with kinks. Their operands are kept away from them: differences across a kink say nothing, and rounding could carry a value across. */
import {
  add,
  greater,
  max,
  mul,
  relu,
  reshape,
  scalar,
  sizeOf,
  type Tensor,
  tanh,
} from '../../../src/shared/graph/index.ts';
import { any, anyWithAxes, type Desk, fitting, type Move, otherShape } from './desk.ts';
import { pattern } from './shapes.ts';

export const kinked: Readonly<Record<'relu' | 'greater' | 'max', Move>> = {
  relu: desk => relu(offZero(desk)),
  greater: desk => {
    const x = offZero(desk);
    return greater(x, desk.pick(2) === 0 ? scalar(0) : mul(scalar(0.1), tanh(fitting(any(desk), x))));
  },
  max: desk => {
    const x = anyWithAxes(desk);
    const axes = x.shape.flatMap((_, axis) => (desk.pick(2) === 0 ? [axis] : []));
    const apart = add(
      tanh(x),
      pattern(x.shape, n => 3 * n),
    );
    return mul(scalar(1 / sizeOf(x.shape)), max(apart, axes));
  },
};

/** Any tensor, bent and moved so that each element is far from 0, some above and some below. */
function offZero(desk: Desk): Tensor {
  const x = tanh(any(desk));
  const moved = add(
    x,
    pattern(x.shape, n => (n % 2 === 0 ? 1.5 : -1.5)),
  );
  return desk.pick(2) === 0 ? moved : reshape(moved, otherShape(moved, desk));
}
