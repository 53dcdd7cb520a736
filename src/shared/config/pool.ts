/** @file Pools of trained networks, and which of them are distilled with and which are judged. */
/** R trained networks of one architecture. */
export interface Pool {
  readonly count: number;
  /** (R, P). */
  readonly weights: Float32Array<SharedArrayBuffer>;
}

export type PoolPart = 'distilled' | 'validation' | 'test';

/** A run of networks of a pool. */
export interface PoolSlice {
  readonly first: number;
  readonly size: number;
}

/** How a pool of networks is divided: a third, rounded up, is for the test alone, a sixth for validation, the rest is distilled with. A pool of one or two is too
 *  small for that: the parts then share networks. */
export function poolParts(count: number): Readonly<Record<PoolPart, PoolSlice>> {
  const test = count < 2 ? 0 : Math.ceil(count / 3);
  const validation = count < 3 ? 0 : Math.max(1, Math.floor(count / 6));
  const distilled = { first: 0, size: count - test - validation };
  return {
    distilled,
    validation: validation > 0 ? { first: distilled.size, size: validation } : distilled,
    test: test > 0 ? { first: count - test, size: test } : distilled,
  };
}

/** How many of the `asked` networks of the architectures `names`, which take turns, there are to judge `part`: of a pool no more than it has, each counted once. */
export function networksFor(
  pools: Readonly<Record<string, Pool>> | undefined,
  names: readonly string[],
  part: 'validation' | 'test',
  asked: number,
): number {
  const sizes = names.flatMap(name => (pools?.[name] ? [poolParts(pools[name].count)[part].size] : []));
  return Math.min(asked, names.length * Math.min(...sizes));
}
