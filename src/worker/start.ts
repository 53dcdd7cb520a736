/** @file Where a network starts: its w_0, and with random order its mini-batches of distilled images. In: who it is. Out: numbers that are a function of (seed, step, member).
 *  Networks that are judged have streams and pool members of their own, so none of them was distilled with. */
import { initialisationOf, type Job, type Plan, type Pool, poolParts } from '../shared/config/index.ts';
import { dealer } from '../shared/data/batches.ts';
import type { Schedule } from '../shared/distillation/index.ts';
import { DistillError } from '../shared/errors.ts';
import { drawWeights } from '../shared/models/index.ts';
import { type Stream, stream } from '../shared/random/index.ts';

export type Part = 'validation' | 'test';

/** The start of one network, as the graphs take it. */
export interface Start {
  /** w_0, flat (P). */
  readonly weights: Float32Array;
  /** With random order (N, batch, M), one-hot in M. */
  readonly select?: Float32Array;
}

/** Ensemble member `member` at outer step `step`; in the arrays of `room`, where it is given. */
export function startOfMember(
  { config, pools }: Job,
  plan: Plan,
  step: number,
  member: number,
  room?: Start,
): Start {
  const name = plan.members[member]!;
  const { fixed, file, ...initialisation } = initialisationOf(config);
  const pick = (): number => stream(config.seed, 'pool', step, member).below(2 ** 32);
  const weights =
    file === undefined
      ? drawWeights(
          plan.nets[name]!,
          initialisation,
          stream(config.seed, 'weights', fixed ? 0 : step, member),
          room?.weights,
        )
      : pooled(poolOf(pools, name), 'distilled', pick(), room?.weights);
  return started(
    weights,
    plan.schedules[name]!,
    () => stream(config.seed, 'innerBatch', step, member),
    room?.select,
  );
}

/** Network `number` of architecture `name` that is judged on `part`. With fixed weights the networks are the members themselves: what was distilled for them holds
 *  for no other. */
export function startOfJudged(
  { config, pools }: Job,
  plan: Plan,
  name: string,
  part: Part,
  number: number,
): Start {
  const { fixed, file, ...initialisation } = initialisationOf(config);
  const own = plan.members.flatMap((member, j) => (member === name ? [j] : []));
  const random = (): Stream =>
    fixed
      ? stream(config.seed, 'weights', 0, own[number % own.length]!)
      : stream(config.seed, part === 'test' ? 'testWeights' : 'validationWeights', 0, number);
  const weights =
    file === undefined
      ? drawWeights(plan.nets[name]!, initialisation, random())
      : pooled(poolOf(pools, name), part, number);
  const schedule = plan.schedules[name]!;
  return started(weights, schedule, () =>
    stream(config.seed, 'judgedInnerBatch', part === 'test' ? 1 : 0, number),
  );
}

/** Network `number` of architecture `name` that is trained for a pool. */
export function startOfPretrained({ config }: Job, plan: Plan, name: string, number: number): Start {
  const { fixed: _, file: __, ...initialisation } = initialisationOf(config);
  return {
    weights: drawWeights(plan.nets[name]!, initialisation, stream(config.seed, 'pretrainWeights', 0, number)),
  };
}

function poolOf(pools: Job['pools'], name: string): Pool {
  const pool = pools?.[name];
  if (pool !== undefined) return pool;
  throw new DistillError('usage', 'init', {
    expected: `pre-trained networks for ${name}`,
    found: `some for ${Object.keys(pools ?? {}).join(', ') || 'none'}`,
    fix: 'pretrain that architecture too',
  });
}

/** Network `number` of a pool's part, around and around. */
function pooled(
  { count, weights }: Pool,
  part: Part | 'distilled',
  number: number,
  flat: Float32Array = new Float32Array(weights.length / count),
): Float32Array {
  const { first, size } = poolParts(count)[part];
  const at = (first + (number % size)) * flat.length;
  flat.set(weights.subarray(at, at + flat.length));
  return flat;
}

function started(
  weights: Float32Array,
  schedule: Schedule,
  random: () => Stream,
  select: Float32Array = new Float32Array(selectSize(schedule)),
): Start {
  const { order } = schedule;
  return order.kind === 'random'
    ? { weights, select: selection(schedule, order.batch, random(), select) }
    : { weights };
}

/** Numbers of a random order's mini-batches; none of another order. */
export const selectSize = ({ images, innerSteps, order }: Schedule): number =>
  order.kind === 'random' ? innerSteps * order.batch * images : 0;

/** Random mini-batches (N, batch, M): the images in random order, batch after batch, drawn anew when too few are left. */
function selection(
  { images, innerSteps }: Schedule,
  batch: number,
  random: Stream,
  select: Float32Array,
): Float32Array {
  select.fill(0);
  const deal = dealer(images, batch, () => random);
  for (let k = 0; k < innerSteps; k++)
    deal().forEach((image, b) => {
      select[(k * batch + b) * images + image] = 1;
    });
  return select;
}
