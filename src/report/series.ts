/** @file The arithmetic of curves: thinning, smoothing, scales, labels that keep apart. Plain numbers in and out, no drawing. */

/** Whether a value can be drawn. Beyond 1e100 a scale's ends, and their quotient, would be no numbers. */
export const sound = (value: number): boolean => Math.abs(value) <= 1e100;

/** At most `limit` of the items, evenly spread over their order, the first and the last among them. */
export function thin<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  return Array.from({ length: limit }, (_, i) => items[Math.round((i * (items.length - 1)) / (limit - 1))]!);
}

/** The mean over a window of about a fortieth of the values around each one, of those that are sound; NaN where there is none. At the start,
 *  where curves fall fast, the window is as wide to the right as there is room to the left; at the end it is cut off. */
export function smooth(values: readonly number[]): number[] {
  const half = Math.floor(values.length / 80);
  const [sums, counts] = [[0], [0]];
  for (const value of values) {
    sums.push(sums.at(-1)! + (sound(value) ? value : 0));
    counts.push(counts.at(-1)! + (sound(value) ? 1 : 0));
  }
  return values.map((_, i) => {
    const reach = Math.min(half, i);
    const [from, to] = [i - reach, Math.min(values.length, i + reach + 1)];
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
}

/** How values lie along an axis. */
export interface Axis {
  readonly type: 'log' | 'linear';
  /** The values at its two ends, which differ. */
  readonly domain: readonly [number, number];
}

/** An axis that shows all sound values with a little room at both ends: by their logarithm when all are above 1e-100 and the greatest is more
 *  than 20 times the least. */
export function axisOf(values: readonly number[], only?: 'linear'): Axis {
  const shown = values.filter(sound);
  if (shown.length === 0) return { type: 'linear', domain: [0, 1] };
  const [low, high] = shown.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const room = (size < 1e-100 ? 1 : size) / 2;
  if (high - low <= 1e-9 * size || size < 1e-100)
    return { type: 'linear', domain: [low - room, high + room] };
  const type = only ?? (low > 1e-100 && high > 20 * low ? 'log' : 'linear');
  const tight: Axis = { type, domain: [low, high] };
  return { type, domain: [fromAxis(tight, -0.04), fromAxis(tight, 1.04)] };
}

/** Where a value lies: 0 at the axis' lower end, 1 at its upper one. */
export function toAxis({ type, domain: [low, high] }: Axis, value: number): number {
  return type === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The value that lies there. */
export function fromAxis({ type, domain: [low, high] }: Axis, place: number): number {
  return type === 'log' ? low * (high / low) ** place : low + (high - low) * place;
}

/** Where a logarithmic axis has its marks: 1, 2 and 5 times the powers of ten, over many decades fewer. */
export function logTicks({ domain: [low, high] }: Axis): number[] {
  const decades = Math.log10(high / low);
  const [factors, every] = [decades > 3 ? [1] : [1, 2, 5], Math.ceil(decades / 8)];
  const [first, last] = [Math.floor(Math.log10(low) / every), Math.ceil(Math.log10(high) / every)];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * every);
  const ticks = powers.flatMap(power => factors.map(factor => Number(`${factor}e${power}`)));
  return ticks.filter(tick => tick >= low && tick <= high);
}

/** `0.02`, `500`; `2e-5` below a thousandth, `1e+6` above a hundred thousand. */
export const showTick = (tick: number): string =>
  tick < 1e-3 || tick > 1e5 ? tick.toExponential() : `${tick}`;

/** The positions nearest to `wanted` (least squares) with at least `gap` between any two, in the same order of size, and within [0, length]
 *  when that has room for them. */
export function spread(wanted: readonly number[], gap: number, length: number): number[] {
  const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  // Less the gaps before it, each position need only be no less than the one before: pool neighbours that are, at their mean.
  const pools: { sum: number; count: number }[] = [];
  for (const [rank, i] of order.entries()) {
    let pool = { sum: wanted[i]! - rank * gap, count: 1 };
    for (let before = pools.at(-1); before && meanOf(before) > meanOf(pool); before = pools.at(-1)) {
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  const most = Math.max(0, length - (wanted.length - 1) * gap);
  const pooled = pools.flatMap(pool =>
    new Array<number>(pool.count).fill(Math.min(most, Math.max(0, meanOf(pool)))),
  );
  const placed = new Array<number>(wanted.length);
  for (const [rank, i] of order.entries()) placed[i] = pooled[rank]! + rank * gap;
  return placed;
}

const meanOf = ({ sum, count }: { sum: number; count: number }): number => sum / count;
