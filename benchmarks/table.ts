/** @file What all benchmarks share: the machine on top, medians of many, a table for people and JSON for programs, and whether bars are met. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { release, totalmem } from 'node:os';
import { join } from 'node:path';
import { machine, versions } from '../src/version.ts';
import { ofRecord, out } from './options.ts';

/** Fewer runs than these have no median. */
const leastRuns = 3;

/** Milliseconds of repeated runs of `work`, sorted. The first `warmUp` are not counted. Where either would take longer than `seconds`, fewer are
 *  made, but three that count. */
export async function timesOf(
  work: () => Promise<unknown>,
  { runs, warmUp, seconds = Number.POSITIVE_INFINITY }: { runs: number; warmUp: number; seconds?: number },
): Promise<number[]> {
  let end = performance.now() + 1000 * seconds;
  for (let i = 0; i < warmUp && (i === 0 || performance.now() < end); i++) await work();
  end = performance.now() + 1000 * seconds; // a first run compiles: its time is not taken from the others
  const times: number[] = [];
  while (times.length < runs && (times.length < leastRuns || performance.now() < end)) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

export const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1]!;

/** One row by column name. */
export type Row = Readonly<Record<string, string | number>>;

/** The columns of repeated measurements, sorted; `unit` is part of their names. */
export const spread = (sorted: readonly number[], unit = 'ms'): Row => ({
  [`${unit} median`]: median(sorted),
  [`${unit} min`]: sorted[0]!,
  [`${unit} max`]: sorted.at(-1)!,
});

/** A figure that must be reached: at most or at least so much. */
export interface Bar {
  readonly what: string;
  readonly measured: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit: string;
}

export const met = ({ measured, atMost, atLeast }: Bar): boolean =>
  measured <= (atMost ?? Number.POSITIVE_INFINITY) && measured >= (atLeast ?? Number.NEGATIVE_INFINITY);

/** One line: `met: …`. */
export const barLine = (bar: Bar): string => {
  const limit = bar.atMost === undefined ? `at least ${show(bar.atLeast!)}` : `at most ${show(bar.atMost)}`;
  const unit = bar.unit && ` ${bar.unit}`;
  return `${met(bar) ? 'met' : '**NOT MET**'}: ${bar.what}: ${show(bar.measured)}${unit} (bar: ${limit}${unit})`;
};

/** What a reader should know of a table. */
export interface About {
  readonly title?: string;
  /** One sentence: the question that the table answers, and how it was measured. */
  readonly answers?: string;
  readonly bars?: readonly Bar[];
  /** Of what else computed. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** What NAME.json holds. */
export interface Report extends About {
  readonly machine: ReturnType<typeof machineNow>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** Where a table is made. */
export const machineNow = () => ({
  ...machine(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
});

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

/** Prints rows as a Markdown table under the machine's name, its bars below, and writes all to NAME.json (options.ts says where). @returns the table */
export async function present(name: string, rows: readonly Row[], about: About = {}): Promise<string> {
  const report: Report = {
    ...about,
    machine: machineNow(),
    versions: { ...versions(), ...about.versions },
    rows,
  };
  const { cpu, cores, platform, arch } = report.machine;
  const told = Object.entries(report.versions).map(([program, version]) => `${program} ${version}`);
  console.log(`\n${name}: ${cpu}, ${cores} cores, ${platform} ${arch}, ${told.join(', ')}\n`);
  const table = tableOf(rows);
  console.log([table, ...(about.bars ?? []).map(barLine)].join('\n'));
  await mkdir(out, { recursive: true });
  await writeFile(join(out, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  return table;
}

/** Puts `text` in the place of what docs/`page` has between the comments `<!-- name -->` and `<!-- /name -->`. Not where tables are written elsewhere. */
export async function intoDocs(page: string, name: string, text: string): Promise<void> {
  if (!ofRecord) return;
  const path = new URL(`../docs/${page}`, import.meta.url);
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = (await readFile(path, 'utf8')).split(open);
  const after = rest?.split(close)[1];
  if (after === undefined) throw new Error(`docs/${page} has no ${open} … ${close}`);
  await writeFile(path, `${before}${open}\n${text}\n${close}${after}`);
}

/** Numbers with three digits, those under 1 as far as thousandths. */
const show = (cell: string | number): string => {
  if (typeof cell === 'string') return cell;
  const size = Math.abs(cell);
  return cell.toFixed(size < 1 ? 3 : size < 10 ? 2 : 1);
};
