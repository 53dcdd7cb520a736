/** @file The page of all results. In: the tables of benchmarks/results, and where they are being put together. Out: Markdown; whether a bar is met is computed from its figures. Pure. */
import { barLine, type machineNow, met, type Report, tableOf } from './table.ts';

export interface PageInput {
  /** By table, in the order of the page. */
  readonly reports: ReadonlyMap<string, Report>;
  readonly machine: ReturnType<typeof machineNow>;
  /** Of all benchmarks together. */
  readonly minutes: number;
  /** Benchmarks that were not there or failed: a table of theirs is an older one. */
  readonly missing: readonly string[];
}

export function page({ reports, machine, minutes, missing }: PageInput): string {
  const all = [...reports.values()];
  const bars = all.flatMap(({ bars = [] }) => bars);
  const versions: Record<string, string> = Object.assign({}, ...all.map(report => report.versions));
  const head = [
    '# Results',
    `Written by \`npm run bench\` in ${minutes.toFixed(1)} minutes. Medians of many; ${bars.filter(met).length} of ${bars.length} bars are met.`,
    [
      `- ${placeOf(machine)}`,
      `- ${Object.entries(versions)
        .map(([program, version]) => `${program} ${version}`)
        .join(', ')}`,
      ...missing.map(name => `- **${name} did not run**: a table of it is an older one`),
    ].join('\n'),
  ];
  const sections = [...reports].map(([name, report]) => sectionOf(name, report, placeOf(machine)));
  return `${[...head, ...sections].join('\n\n')}\n`;
}

/** The machine in one line. */
const placeOf = ({ cpu, cores, memoryGiB, platform, arch, kernel }: Report['machine']): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB of memory, ${platform} ${arch}, kernel ${kernel}`;

function sectionOf(
  name: string,
  { title = name, answers, bars = [], machine, rows }: Report,
  here: string,
): string {
  const elsewhere = placeOf(machine) === here ? [] : [`Measured on another machine: ${placeOf(machine)}.`];
  const told = [...(answers === undefined ? [] : [answers]), ...elsewhere];
  const lines = bars.map(bar => `- ${barLine(bar)}`);
  return [`## ${title}`, ...told, ...(lines.length > 0 ? [lines.join('\n')] : []), tableOf(rows)].join(
    '\n\n',
  );
}
