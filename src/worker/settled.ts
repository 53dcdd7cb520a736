/** @file When training has converged. */

/** A fall below this share of the whole fall so far counts as none. */
const share = 1e-3;

/** Whether the loss has stopped falling: the last window's mean is not lower than that of the window before by more than a thousandth of all that it fell since the
 *  first. In these terms neither the unit of the loss nor its least value matters: with one-hot labels that is 0, with learned ones there may be none. A loss that
 *  rises has settled. `losses`: the mean of each window, in nats. */
export function hasSettled(losses: readonly number[]): boolean {
  const [first, before, last] = [losses[0], losses.at(-2), losses.at(-1)];
  if (first === undefined || before === undefined || last === undefined) return false;
  return before - last <= share * Math.max(0, first - last);
}
