/** @file Which of a run's validated states becomes its result. */
import type { AccuracyOver } from './judge.ts';
import type { State } from './state.ts';

export interface Checkpoint {
  readonly state: State;
  readonly accuracy: AccuracyOver;
}

/** The latest checkpoint whose validation accuracy is within one standard error, √(p(1−p)/images), of the best. The best one itself would be chosen by the noise
 *  of the validation images. A run that falls apart still gives what it had before. Breiman et al. (1984), the "one standard error rule". `images`: how many images the accuracy was measured on. */
export function chosen(checkpoints: readonly Checkpoint[], images: number): Checkpoint {
  const best = checkpoints.reduce((a, b) => (b.accuracy.mean > a.accuracy.mean ? b : a)).accuracy.mean;
  const error = Math.sqrt((best * (1 - best)) / images);
  return checkpoints.findLast(c => c.accuracy.mean >= best - error)!;
}
