/** @file How often a run is kept: a number of steps, or a time. In: the option as its user writes it. Out: the interval. */

/** 30s, 1.5m, 2h; or a word for none. */
export const intervalPattern = /^(?:never|\d{1,6}(?:\.\d{1,3})?[smh])$/;

export interface Interval {
  /** Outer steps between two checkpoints; Infinity where time decides. */
  readonly steps: number;
  /** Seconds between them; Infinity where steps decide. */
  readonly seconds: number;
}

const secondsOf = { s: 1, m: 60, h: 3600 } as const;

/** The interval of the option `checkpointEvery`; undefined for none. */
export function intervalOf(every: number | string): Interval | undefined {
  if (every === 0 || every === 'never') return undefined;
  if (typeof every === 'number') return { steps: every, seconds: Number.POSITIVE_INFINITY };
  const seconds = Number(every.slice(0, -1)) * secondsOf[every.slice(-1) as keyof typeof secondsOf];
  return { steps: Number.POSITIVE_INFINITY, seconds };
}
