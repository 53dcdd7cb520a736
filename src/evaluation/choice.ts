/** @file What is chosen for a baseline, always on held-out training images: its step sizes, the best of several draws. In: candidates. Out: one of them. */
import { summary } from '../coordinator/judge.ts';
import { type Desk, type Exam, examined, examOf, type Lesson, shares } from './exam.ts';
import type { Pace } from './paces.ts';
import type { Labelled } from './slots.ts';

/** An exam without its images: it is always on held-out ones here. */
export type Question = Omit<Exam, 'part' | 'nets'>;

/** The pace with the highest mean validation accuracy; of equals the first. */
export const bestPace = (
  desk: Desk,
  question: Question,
  lesson: Lesson,
  paces: readonly Pace[],
): Promise<Pace> => best(paces, pace => validated(desk, question, lesson, pace));

/** The draw with the highest mean validation accuracy; of equals the first. */
export const bestDraw = (
  desk: Desk,
  question: Question,
  draws: readonly Labelled[],
  pace: Pace,
): Promise<Labelled> => best(draws, draw => validated(desk, question, draw, pace));

/** Mean accuracy of `validationNets` fresh networks on the held-out training images. */
async function validated(desk: Desk, question: Question, lesson: Lesson, pace: Pace): Promise<number> {
  const exam = examOf(desk, { ...question, part: 'validation', asked: desk.job.config.validationNets });
  return summary(shares(await examined(desk, lesson, pace, exam), desk.plan)).mean;
}

async function best<T>(candidates: readonly T[], score: (candidate: T) => Promise<number>): Promise<T> {
  let found: { candidate: T; score: number } | undefined;
  for (const candidate of candidates) {
    const reached = await score(candidate);
    if (found === undefined || reached > found.score) found = { candidate, score: reached };
  }
  return found!.candidate;
}
