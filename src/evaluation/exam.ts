/** @file Networks are examined on one set of images after the other. In: what they learn from, and how. Out: confusion matrices, and the figures made of them. */
import { confusions, shareRight } from '../coordinator/judge.ts';
import type { Transport } from '../coordinator/transport.ts';
import { type Job, networksFor, type Plan } from '../shared/config/index.ts';
import { encodeState, type Recipe } from '../shared/messages/index.ts';
import type { Pace } from './paces.ts';
import type { Labelled } from './slots.ts';

/** All that asking takes. */
export interface Desk {
  readonly job: Job;
  readonly plan: Plan;
  readonly transport: Transport;
  readonly signal?: AbortSignal | undefined;
  /** Told what is under way, for people. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** What networks learn from: one set for all of them, or for each network its own. */
export type Lesson = Labelled | ((net: number) => Labelled);

export interface Exam {
  readonly part: 'validation' | 'test';
  /** Architecture, by number. */
  readonly model: number;
  readonly nets: number;
  readonly recipe: Recipe;
}

/** An exam of `asked` networks of one architecture; where they come from a file, of no more than it has for that part. */
export function examOf(
  { job, plan }: Desk,
  { part, model, recipe, asked }: Omit<Exam, 'nets'> & { readonly asked: number },
): Exam {
  const nets = networksFor(job.pools, [plan.names[model]!], part, asked);
  return { part, model, nets, recipe };
}

/** Confusion matrices (K·K) of `nets` fresh networks. Sets of their own are broadcast one by one: no task may be in flight meanwhile.
 *  @throws the signal's reason when it aborts */
export async function examined(
  { plan, transport, signal }: Desk,
  lesson: Lesson,
  { eta, decay }: Pace,
  { model, nets, ...exam }: Exam,
): Promise<Uint32Array[]> {
  const ask = async (set: Labelled, first: number, count: number): Promise<Uint32Array[]> => {
    signal?.throwIfAborted();
    await transport.broadcast(0, encodeState({ images: set.images, labels: set.labels, eta, decay }));
    const question = { step: 0, ...exam, nets: count, models: [model], first };
    const matrices = await confusions(transport, plan, question, signal);
    signal?.throwIfAborted();
    return matrices!;
  };
  if (typeof lesson !== 'function') return ask(lesson, 0, nets);
  const matrices: Uint32Array[] = [];
  for (let net = 0; net < nets; net++) matrices.push(...(await ask(lesson(net), net, 1)));
  return matrices;
}

/** The accuracy of each network. */
export const shares = (matrices: readonly Uint32Array[], { targets }: Pick<Plan, 'targets'>): number[] =>
  matrices.map(confusion => shareRight(confusion, targets));

/** For each class the share of its images that is taken for its target, mean over the networks; null for a class without images. */
export function sharesByClass(
  matrices: readonly Uint32Array[],
  { targets }: Pick<Plan, 'targets'>,
): (number | null)[] {
  const k = targets.length;
  return targets.map((target, c) => {
    const count = matrices[0]!.subarray(c * k, (c + 1) * k).reduce((a, b) => a + b, 0);
    const right = matrices.reduce((total, matrix) => total + matrix[c * k + target]!, 0);
    return count === 0 ? null : right / count / matrices.length;
  });
}
