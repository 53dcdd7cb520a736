/** @file The baselines of one architecture under one protocol, ready for the test: which images, which step sizes. In: real images. Out: entrants. Asks about
 *  held-out training images only. */

import { bestDraw, bestPace, type Question } from './choice.ts';
import type { Protocol, RowName } from './comparison.ts';
import type { Desk, Lesson } from './exam.ts';
import { type Pace, pacesBeside } from './paces.ts';
import type { RealImages } from './realImages.ts';
import type { Labelled } from './slots.ts';

/** One row to be. */
export interface Entrant {
  readonly name: RowName;
  readonly lesson: Lesson;
  readonly pace: Pace;
  /** Whether the pace was chosen. */
  readonly choice: boolean;
}

/** The images of all baselines, made once for all architectures. */
export interface Material {
  readonly real: RealImages;
  readonly slots: readonly number[] | undefined;
  /** Baselines that are the same for all networks. */
  readonly fixed: readonly { readonly name: RowName; readonly set: Labelled }[];
  readonly randomDraws: number;
}

/** The baselines of architecture `model`. Under `schedule` each has the pace that suits it best: the shipped one, or a single step size. The draws are compared under the pace that
 *  suits random images, then the best one gets its own. Under `converged` there is no pace to choose. */
export async function baselinesFor(
  desk: Desk,
  { real, slots, fixed, randomDraws }: Material,
  model: number,
  protocol: Protocol,
  shipped: Pace,
): Promise<Entrant[]> {
  const question: Question = { model, recipe: protocol };
  const choice = protocol === 'schedule';
  const paces = choice ? pacesBeside(shipped) : [shipped];
  const paceOf = async (lesson: Lesson): Promise<Pace> =>
    choice ? bestPace(desk, question, lesson, paces) : shipped;
  const pace = await paceOf(net => real.draw('validation', net, slots));
  const random: Entrant = {
    name: 'random',
    lesson: net => real.draw('test', net, slots),
    pace,
    choice,
  };
  const draws = Array.from({ length: randomDraws }, (_, draw) => real.draw('best', draw, slots));
  const drawn = await bestDraw(desk, question, draws, pace);
  const entrants = [
    random,
    { name: 'best-random', lesson: drawn, pace: await paceOf(drawn), choice } as const,
  ];
  for (const { name, set } of fixed)
    entrants.push({ name, lesson: set, pace: await paceOf(set), choice } as Entrant);
  return entrants;
}
