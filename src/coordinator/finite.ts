/** @file Every loss and every gradient is looked at before it is used. In: the gradients of a step. Out: its finite gradients, and what became of the others. */
import type { Config } from '../shared/config/index.ts';
import { DistillError, type FailedTask } from '../shared/errors.ts';
import { type Gradient, parts } from '../shared/messages/index.ts';

/** Those of all members' `gradients` that are for the mean, in member order, and a line for each member that is left out of it.
 *  @throws DistillError 'non-finite' with the member and step where it arose: the first such member, or with `onNonfinite` 'skip' when all are such. */
export function finiteGradients(
  gradients: readonly Gradient[],
  step: number,
  { seed, onNonfinite }: Pick<Config, 'seed' | 'onNonfinite'>,
): { finite: readonly Gradient[]; left: readonly string[] } {
  const found = gradients.map((gradient, member) => nonFinite(gradient, { step, member, seed }));
  const errors = found.flatMap(error => error ?? []);
  if (errors.length > 0 && (onNonfinite === 'stop' || errors.length === gradients.length)) throw errors[0]!;
  return {
    finite: gradients.filter((_, member) => found[member] === undefined),
    left: errors.map(
      ({ where, details }) => `${where}: found ${details.found}; this member is left out of the step`,
    ),
  };
}

function nonFinite(gradient: Gradient, task: FailedTask): DistillError | undefined {
  const culprit = parts.find(part => !Number.isFinite(sum(gradient[part])));
  if (Number.isFinite(gradient.loss) && culprit === undefined) return undefined;
  return new DistillError('non-finite', `step ${task.step}, member ${task.member}, seed ${task.seed}`, {
    expected: 'a finite loss and gradient',
    found: Number.isFinite(gradient.loss)
      ? `a non-finite gradient of the ${culprit}`
      : `loss ${gradient.loss}`,
    fix: 'lower --eta-max, --lr or --sigma',
    task,
  });
}

/** NaN and ±Infinity survive a sum. */
function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
