/** @file All benchmarks of `npm run bench`, in the order in which they run and stand on the page: their files, and the tables that each writes. */

export interface Benchmark {
  readonly name: string;
  /** Beside this file. */
  readonly file: string;
  /** Names of the JSON files. */
  readonly tables: readonly string[];
}

export const benchmarks: readonly Benchmark[] = [
  { name: 'gradient', file: 'gradient.ts', tables: ['gradient', 'peak'] },
  { name: 'peers', file: 'peers/index.ts', tables: ['peers'] },
  { name: 'scaling', file: 'scaling.ts', tables: ['scaling-machine', 'scaling', 'null-workers'] },
  { name: 'memory', file: 'memory.ts', tables: ['memory', 'building'] },
  { name: 'startup', file: 'startup.ts', tables: ['startup', 'startup-parts'] },
  { name: 'growth', file: 'growth.ts', tables: ['growth'] },
  { name: 'transports', file: 'transports/index.ts', tables: ['transports'] },
];
