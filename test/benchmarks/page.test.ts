import { expect, test } from 'vitest';
import { page } from '../../benchmarks/page.ts';
import type { Report } from '../../benchmarks/table.ts';

const machine = {
  platform: 'linux',
  arch: 'x64',
  cpu: 'Some CPU',
  kind: 'linux-x64-avx2',
  cores: 2,
  memoryGiB: 24,
  kernel: '6.1',
} as const satisfies Report['machine'];

const report: Report = {
  title: 'Speed',
  answers: 'How fast is it?',
  machine,
  versions: { node: '20', torch: '2' },
  bars: [
    { what: 'slow', measured: 3, atMost: 2, unit: 'ms' },
    { what: 'many', measured: 3, atLeast: 2, unit: 'a second' },
  ],
  rows: [{ model: 'conv', ms: 1.234 }],
};

test('a page says where, with what, which bars are met, and what each table answers', () => {
  const reports = new Map([
    ['speed', report],
    ['old', { rows: report.rows, versions: { jax: '0.4' }, machine: { ...machine, cpu: 'Old CPU' } }],
  ]);
  expect(page({ reports, machine, minutes: 1.25, missing: ['peers'] })).toBe(`# Results

Written by \`npm run bench\` in 1.3 minutes. Medians of many; 1 of 2 bars are met.

- Some CPU, 2 cores, 24 GiB of memory, linux x64, kernel 6.1
- node 20, torch 2, jax 0.4
- **peers did not run**: a table of it is an older one

## Speed

How fast is it?

- **NOT MET**: slow: 3.00 ms (bar: at most 2.00 ms)
- met: many: 3.00 a second (bar: at least 2.00 a second)

| model | ms |
| --- | --- |
| conv | 1.23 |

## old

Measured on another machine: Old CPU, 2 cores, 24 GiB of memory, linux x64, kernel 6.1.

| model | ms |
| --- | --- |
| conv | 1.23 |
`);
});
