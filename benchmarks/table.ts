/** @file What all benchmarks share: the machine on top, medians of many, a table for people and JSON for programs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { machine, versions } from '../src/version.ts';

/** Milliseconds of repeated runs of `work`, sorted. The first `warmUp` are not counted. */
export async function timesOf(
  work: () => Promise<unknown>,
  { runs, warmUp }: { runs: number; warmUp: number },
): Promise<number[]> {
  const times: number[] = [];
  for (let i = -warmUp; i < runs; i++) {
    const start = performance.now();
    await work();
    if (i >= 0) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

export const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1]!;

/** One row by column name. */
export type Row = Readonly<Record<string, string | number>>;

/** Rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0]!);
  const line = (cells: readonly (string | number)[]): string => `| ${cells.map(show).join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map(row => line(columns.map(c => row[c] ?? ''))),
  ].join('\n');
}

/** The machine, and the versions of what computed: ours and `others`. */
export function where(others: Readonly<Record<string, string>> = {}): string {
  const { cpu, cores, platform, arch } = machine();
  const told = Object.entries({ ...versions(), ...others }).map(
    ([program, version]) => `${program} ${version}`,
  );
  return `${cpu}, ${cores} cores, ${platform} ${arch}, ${told.join(', ')}`;
}

/** Prints rows as a Markdown table under the machine's name, and writes them to benchmarks/results/NAME.json. `others` are versions of what else computed.
 *  @returns the table */
export async function present(
  name: string,
  rows: readonly Row[],
  others: Readonly<Record<string, string>> = {},
): Promise<string> {
  console.log(`${name}: ${where(others)}\n`);
  const table = tableOf(rows);
  console.log(table);
  const directory = new URL('results/', import.meta.url);
  await mkdir(directory, { recursive: true });
  const record = { machine: machine(), versions: { ...versions(), ...others }, rows };
  await writeFile(new URL(`${name}.json`, directory), `${JSON.stringify(record, null, 2)}\n`);
  return table;
}

/** Puts `text` in the place of what docs/`page` has between the comments `<!-- name -->` and `<!-- /name -->`. */
export async function intoDocs(page: string, name: string, text: string): Promise<void> {
  const path = new URL(`../docs/${page}`, import.meta.url);
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = (await readFile(path, 'utf8')).split(open);
  const after = rest?.split(close)[1];
  if (after === undefined) throw new Error(`docs/${page} has no ${open} … ${close}`);
  await writeFile(path, `${before}${open}\n${text}\n${close}${after}`);
}

const show = (cell: string | number): string =>
  typeof cell === 'number' ? (cell < 10 ? cell.toFixed(2) : cell.toFixed(1)) : cell;
