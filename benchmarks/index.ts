/** @file All benchmarks, one after the other, each in a process of its own; then the page RESULTS.md from all tables there are. On a quiet machine:
 *  npm run bench; `-- --quick`, `-- --out DIR`, `-- --engine NAME` as in options.ts. Exit code 1 when a benchmark failed; a bar that is not met is no failure. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchmarks } from './all.ts';
import { ofRecord, out } from './options.ts';
import { page } from './page.ts';
import { machineNow, type Report } from './table.ts';

/** All of them together, on a quiet machine. */
const minutesAtMost = 15;

const began = performance.now();
const missing: string[] = [];
for (const { name, file } of benchmarks) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  if (!existsSync(path)) {
    missing.push(name);
    console.error(`\n!!! BENCHMARK ${name} IS NOT THERE (benchmarks/${file}): IT IS LEFT OUT !!!`);
    continue;
  }
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', path, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    missing.push(name);
    process.exitCode = 1;
    console.error(`\n!!! BENCHMARK ${name} FAILED !!!`);
  }
  console.log(`\n${name} took ${Math.round((performance.now() - start) / 1000)} s`);
}
const minutes = (performance.now() - began) / 60_000;
if (minutes > minutesAtMost)
  console.error(`!!! ALL TOOK ${minutes.toFixed(1)} MINUTES, AT MOST ${minutesAtMost} ARE ALLOWED !!!`);

const path = ofRecord ? fileURLToPath(new URL('RESULTS.md', import.meta.url)) : join(out, 'RESULTS.md');
await writeFile(path, page({ reports: await reportsIn(out), machine: machineNow(), minutes, missing }));
console.log(`${path} is written`);

/** Tables in the order of the page; those that no benchmark of this list writes come last. */
async function reportsIn(directory: string): Promise<Map<string, Report>> {
  const there = (await readdir(directory)).flatMap(file => /^(.*)\.json$/.exec(file)?.[1] ?? []).sort();
  const known = benchmarks.flatMap(({ tables }) => tables).filter(name => there.includes(name));
  const reports = new Map<string, Report>();
  for (const name of new Set([...known, ...there]))
    reports.set(name, JSON.parse(await readFile(join(directory, `${name}.json`), 'utf8')) as Report);
  return reports;
}
