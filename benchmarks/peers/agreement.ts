/** @file Whether contenders computed the same. In: results. Out: how far they are apart. */
import { outputs, type Results } from './contender.ts';

/** The largest difference of loss and gradients, each as a part of the largest value of `right`. NaN when anything is. */
export const distance = (results: Results, right: Results): number =>
  Math.max(...outputs.map(name => apart(results[name], right[name])));

function apart(values: readonly number[], right: readonly number[]): number {
  if (values.length !== right.length) return Number.NaN;
  const largest = (numbers: readonly number[]): number =>
    numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  return largest(values.map((value, i) => value - right[i]!)) / largest(right);
}
