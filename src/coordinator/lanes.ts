/** @file Questions to the workers, as many at a time as there are workers: more would only queue. */
import type { Transport } from './transport.ts';

/** Runs `ask` for 0 … count−1, in order, as workers become free. When `signal` aborts those under way are awaited and no further one begins.
 *  @returns whether all were asked and answered */
export async function inLanes(
  count: number,
  { workers }: Pick<Transport, 'workers'>,
  ask: (i: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && !signal?.aborted) await ask(next++);
  };
  await Promise.all(Array.from({ length: workers }, lane));
  return !signal?.aborted;
}
