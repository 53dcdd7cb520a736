/** @file Which of a run's validated states becomes its result. */
import type { DistilledState } from '../shared/messages/index.ts';
import type { AccuracyOver } from './judge.ts';

/** A distilled set as it was after `step` outer steps. */
export interface SetAt extends DistilledState {
  readonly step: number;
}

/** A state that was validated. */
export interface Candidate {
  readonly state: SetAt;
  readonly accuracy: AccuracyOver;
}

/** The latest candidate whose validation accuracy is within one standard error, √(p(1−p)/images), of the best. The best one itself would be chosen by the noise
 *  of the validation images. A run that falls apart still gives what it had before. Breiman et al. (1984), the "one standard error rule". `images`: how many images the accuracy was measured on. */
export function chosen(candidates: readonly Candidate[], images: number): Candidate {
  const best = candidates.reduce((a, b) => (b.accuracy.mean > a.accuracy.mean ? b : a)).accuracy.mean;
  const error = Math.sqrt((best * (1 - best)) / images);
  return candidates.findLast(c => c.accuracy.mean >= best - error)!;
}

/** The candidates that can still be chosen once `next`, the latest, is among them. An earlier one that is no better than a later one never can: whenever it is near
 *  enough to the best, so is the later one. What is left falls strictly in accuracy, and its last is always the latest. */
export const withCandidate = (candidates: readonly Candidate[], next: Candidate): readonly Candidate[] => [
  ...candidates.filter(({ accuracy }) => accuracy.mean > next.accuracy.mean),
  next,
];
