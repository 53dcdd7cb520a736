/** @file Which members of a step are asked for in one task: several where a gradient is so little work that its message costs more. In: job, plan, number of workers. Out: groups of
 *  members. Each member's results are what they are by itself, so none depends on the groups. */
import type { Job, Plan } from '../shared/config/index.ts';
import type { Schedule } from '../shared/distillation/index.ts';
import { sizeOf } from '../shared/graph/index.ts';
import { multiplications, type Net } from '../shared/models/index.ts';

/** Neighbouring members of one architecture: `count` of them, from `member` on. */
export interface Group {
  readonly member: number;
  readonly count: number;
}

/** Floating-point operations of a task at most, unless one gradient has more: a millisecond or two, where a message costs tenths of one. */
const budget = 2.5e8;

/** The groups of a step, in member order. None is larger than the share of one of `workers`; without workers each member is a group.
 *  Those of neighbours of one architecture differ by one member at most. */
export function groupsOf(job: Job, plan: Plan, workers: number): Group[] {
  const { members, nets, schedules } = plan;
  const share = workers > 0 ? Math.ceil(members.length / workers) : 1;
  return neighbours(members).flatMap(run => {
    const name = members[run.member]!;
    const within = mostMembers(nets[name]!, schedules[name]!, job.config.batchSize);
    return evenly(run, Math.ceil(run.count / Math.min(share, within)));
  });
}

/** How many members a task may have. */
export const mostMembers = (net: Net, schedule: Schedule, batchSize: number): number =>
  Math.max(1, Math.floor(budget / operations(net, schedule, batchSize)));

/** Of one gradient, as an estimate: there and back is three forward passes for an image of the outer batch, and three times that for one that an inner step sees, whose own
 *  gradient is differentiated. Pixels count too: an answer is as large as x̃, and so bounded by the budget whatever the net. */
function operations(net: Net, { images, innerSteps, order }: Schedule, batchSize: number): number {
  const seen = order.kind === 'steps' ? images / order.steps : images; // what is picked at random is picked out of all, by a product
  const perImage = 2 * (multiplications(net) + sizeOf(net.imageShape));
  return perImage * 3 * (batchSize + 3 * innerSteps * seen);
}

/** Runs of equal names, as long as they are. */
function neighbours(names: readonly string[]): Group[] {
  const starts = names.flatMap((name, i) => (name === names[i - 1] ? [] : [i]));
  return starts.map((member, i) => ({ member, count: (starts[i + 1] ?? names.length) - member }));
}

/** `run` in `parts`. */
function evenly({ member, count }: Group, parts: number): Group[] {
  const start = (part: number): number => member + Math.floor((part * count) / parts);
  return Array.from({ length: parts }, (_, i) => ({ member: start(i), count: start(i + 1) - start(i) }));
}
