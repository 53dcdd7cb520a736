/** @file What each inner step sees of the distilled set: its step sizes, its images. In: the set and its schedule. Out: stacks with one slice per step.
 *  Knows graph; no net, no loss. */
import { expand, matmul, reshape, sizeOf, slice, type Tensor } from '../graph/index.ts';
import type { Distilled, Pace } from './problem.ts';
import type { Columns, Schedule } from './schedule.ts';

/** The distilled set as a step's inputs. */
export interface DistilledInputs extends Distilled, Pace {
  /** With `order` 'random': (N, batch, M), row b of step k is one-hot at the image that stands there. Span coordinates count on rows that sum to one. */
  readonly select?: Tensor | undefined;
}

/** One slice of the stacks, read. */
export interface Seen {
  readonly pace: Pace;
  /** (batch, M), where the step picks its images. */
  readonly select?: Tensor | undefined;
  readonly distilled: Distilled;
}

export interface Sequence {
  readonly scanned: readonly Tensor[];
  at(slices: readonly Tensor[]): Seen;
}

/** The inner steps' stacks, and how a slice of them is read. */
export function sequenceOf(schedule: Schedule, set: DistilledInputs): Sequence {
  const { order } = schedule;
  const paces = [set.eta, set.decay].flatMap(t => (t === undefined ? [] : [perStep(t, schedule)]));
  const paceOf = ([eta, decay]: readonly Tensor[]): Pace => ({ eta: eta!, ...(set.decay && { decay }) });
  const rest = (slices: readonly Tensor[]): readonly Tensor[] => slices.slice(paces.length);
  if (order.kind === 'steps') {
    const parts = [set.images, set.labels].map(t => epochs(t, order.steps, schedule.innerSteps));
    return {
      scanned: [...paces, ...parts],
      at: slices => {
        const [images, labels] = rest(slices);
        return { pace: paceOf(slices), distilled: { images: images!, labels: labels! } };
      },
    };
  }
  if (order.kind === 'random')
    return {
      scanned: [...paces, set.select!],
      at: slices => {
        const [select] = rest(slices);
        const distilled = { images: picked(select!, set.images), labels: picked(select!, set.labels) };
        return { pace: paceOf(slices), select: select!, distilled };
      },
    };
  return { scanned: paces, at: slices => ({ pace: paceOf(slices), distilled: set }) };
}

/** η̃ or λ as a stack over the steps: (N), or (N, L) with the columns of this net. */
function perStep(t: Tensor, { innerSteps, eta, columns }: Schedule): Tensor {
  if (eta === 'one') return expand(t, [innerSteps]);
  return eta === 'step' || columns === undefined ? t : block(t, columns, innerSteps);
}

const block = (t: Tensor, { first, count }: Columns, innerSteps: number): Tensor =>
  slice(t, [0, first], [innerSteps, count]);

/** (M, …) as (N, M/steps, …): part after part, epoch after epoch. */
function epochs(t: Tensor, steps: number, innerSteps: number): Tensor {
  const [m, ...rest] = t.shape as [number, ...number[]];
  const part = [m / steps, ...rest];
  const repeated = expand(reshape(t, [1, sizeOf(t.shape)]), [innerSteps / steps, sizeOf(t.shape)]);
  return reshape(repeated, [innerSteps, ...part]);
}

/** The rows of `t` (M, …) that `select` (batch, M) names. */
function picked(select: Tensor, t: Tensor): Tensor {
  const [m, ...rest] = t.shape as [number, ...number[]];
  return reshape(matmul(select, reshape(t, [m, sizeOf(rest)])), [select.shape[0]!, ...rest]);
}
