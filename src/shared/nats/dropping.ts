/** @file Messages that are none of ours: told once per subject, then only counted. */

/** What to call with the reason for each such message on `subject`. */
export function dropping(tell: (message: string) => void, subject: string): (reason: string) => void {
  let count = 0;
  return reason => {
    count++;
    if (count === 1) tell(`a message on ${subject} is dropped: ${reason}; more of them are only counted`);
  };
}
