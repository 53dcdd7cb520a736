/** @file What fresh networks make of the chosen set: the figures of a run's end. In: confusion matrices on test images. Out: means and deviations. */
import { attackOf, type Job, networksFor, type Plan } from '../shared/config/index.ts';
import { type AccuracyOver, confusions, shareRight, summary } from './judge.ts';
import type { Transport } from './transport.ts';

export interface Verdict {
  /** After the inner steps, over fresh networks; with an attack the share of images that are taken for what it wants. */
  readonly accuracy: AccuracyOver;
  /** Of trained networks before the inner steps, by the same measure. */
  readonly before?: AccuracyOver;
  readonly attack?: { readonly before: Poisoning; readonly after: Poisoning };
}

/** What an attack on class A does, as shares in [0, 1]. */
export interface Poisoning {
  /** Of the images of class A, those taken for A. */
  readonly from: AccuracyOver;
  /** Of all others, those taken for what they are. */
  readonly rest: AccuracyOver;
  /** Of the images of class A, those taken for class B. */
  readonly taken: AccuracyOver;
}

/** Judges the set that was broadcast last at `step` on the test images; networks from a file, or under attack, also before the inner steps. Undefined when `signal`
 *  aborts meanwhile. */
export async function verdict(
  { config, pools }: Job,
  plan: Plan,
  transport: Transport,
  step: number,
  signal?: AbortSignal,
): Promise<Verdict | undefined> {
  const nets = networksFor(pools, plan.names, 'test', config.evalNets);
  const { targets } = plan;
  const asked = { step, part: 'test', nets } as const;
  const attack = attackOf(targets);
  const after = await confusions(transport, plan, { ...asked, recipe: 'schedule' }, signal);
  if (after === undefined) return undefined;
  const right = (matrices: readonly Uint32Array[]): AccuracyOver =>
    summary(matrices.map(confusion => shareRight(confusion, targets)));
  if (pools === undefined && attack === undefined) return { accuracy: right(after) };
  const before = await confusions(transport, plan, { ...asked, recipe: 'none' }, signal);
  if (before === undefined) return undefined;
  const poisoned = (matrices: readonly Uint32Array[], { from, to }: NonNullable<typeof attack>): Poisoning =>
    poisoning(matrices, plan.classes, from, to);
  return {
    accuracy: right(after),
    before: right(before),
    ...(attack && { attack: { before: poisoned(before, attack), after: poisoned(after, attack) } }),
  };
}

/** An attack's figures from the confusion matrices (K·K) of several networks. */
export function poisoning(
  matrices: readonly Uint32Array[],
  classes: number,
  from: number,
  to: number,
): Poisoning {
  const at = (matrix: Uint32Array, c: number, p: number): number => matrix[c * classes + p]!;
  const others = [...new Array(classes).keys()].filter(c => c !== from);
  const images = (matrix: Uint32Array, some: readonly number[]): number =>
    some.reduce((total, c) => total + sum(matrix.subarray(c * classes, (c + 1) * classes)), 0);
  return {
    from: summary(matrices.map(m => share(at(m, from, from), images(m, [from])))),
    rest: summary(matrices.map(m => share(sum(others.map(c => at(m, c, c))), images(m, others)))),
    taken: summary(matrices.map(m => share(at(m, from, to), images(m, [from])))),
  };
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** 0 of none. */
const share = (some: number, all: number): number => (all > 0 ? some / all : 0);
