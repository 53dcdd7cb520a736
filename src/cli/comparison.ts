/** @file A comparison as people read it: the gain over random real images, then a table per architecture. In: the comparison. Out: lines of text. */
import pc from 'picocolors';
import type { Comparison, RowName, Table } from '../index.ts';
import { attackTables } from './attackTable.ts';
import { figure, laidOut, networks } from './figures.ts';

/** All of it, each line ending in a newline. */
export function comparisonText(comparison: Comparison): string {
  const { attack, images, dataset } = comparison;
  const title = attack
    ? `${images} distilled images of ${dataset} that are to make ${attack.from} pass for ${attack.to}`
    : `${images} distilled images of ${dataset}`;
  const blocks = attack
    ? [[title], ...attackTables(comparison)]
    : [
        [title, ...gains(comparison)],
        ...architectures(comparison).map(name => tableOf(comparison, name)),
        neighboursOf(comparison),
      ];
  return [...blocks, remarks(comparison)]
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n');
}

const architectures = ({ tables }: Comparison): string[] => [...new Set(tables.map(t => t.architecture))];

/** How far the set is above random real images, a line for each architecture and protocol. */
function gains({ tables }: Comparison): string[] {
  const rows = tables.flatMap(({ overRandom, architecture, protocol }) =>
    overRandom === undefined ? [] : [[points(overRandom), `${architecture}, ${protocol}`] as const],
  );
  const width = Math.max(...rows.map(([gain]) => gain.length));
  return rows.map(
    ([gain, what]) =>
      `  ${pc.bold(gain.padStart(width))} points against random real images   ${pc.dim(what)}`,
  );
}

/** +43.2, or −1.0. */
const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;

/** One architecture: a row for each set of images, a column for each protocol. */
function tableOf({ tables, randomDraws }: Comparison, architecture: string): string[] {
  const own = tables.filter(table => table.architecture === architecture);
  const [{ rows }] = own as [Table];
  const nets = rows[0]!.accuracy.nets;
  const lines = rows.map(({ name, accuracy }) => {
    const count = accuracy.nets === nets ? '' : `, ${networks(accuracy.nets)}`;
    const cells = own.map(t => figure(t.rows.find(row => row.name === name)!.accuracy));
    return [`${titles(randomDraws)[name]}${count}`, ...cells];
  });
  return [
    ...laidOut([`${architecture}, ${networks(nets)}`, ...own.map(t => t.protocol)], lines),
    ...own.flatMap(table => pacesOf(table, randomDraws)),
  ];
}

const titles = (draws: number): Readonly<Record<RowName, string>> => ({
  distilled: 'distilled images',
  random: 'random real images',
  'best-random': `best of ${draws} draws`,
  'class-means': 'class means',
  'k-means': 'k-means centres',
  full: 'full data set',
  before: 'before learning',
});

/** The step sizes that were chosen. */
function pacesOf({ rows, protocol }: Table, draws: number): string[] {
  const chosen = rows.flatMap(({ name, pace }) =>
    pace === undefined ? [] : [`${titles(draws)[name]} ${pace === 'shipped' ? 'as shipped' : String(pace)}`],
  );
  return chosen.length === 0 ? [] : [pc.dim(`  step sizes, ${protocol}: ${chosen.join(' · ')}`)];
}

function neighboursOf({ neighbours }: Comparison): string[] {
  if (neighbours.length === 0) return [];
  const lines = neighbours.map(({ name, accuracy }) => [
    name === 'random'
      ? `random real images, ${accuracy.nets} ${accuracy.nets === 1 ? 'draw' : 'draws'}`
      : 'class means',
    figure(accuracy),
  ]);
  return laidOut(['nearest neighbour, no network', ''], lines);
}

/** What was left out, and what was chosen on what. */
function remarks({ notes, tables, validation, test }: Comparison): string[] {
  const paces = tables.some(({ rows }) => rows.some(({ pace }) => pace !== undefined));
  const read = `the ${test} test images were read once, at the end`;
  const what = paces ? 'Step sizes and the best draw were' : 'The best draw was';
  return [
    ...notes,
    validation > 0
      ? `${what} chosen on ${validation} held-out training images; ${read}.`
      : `Nothing was chosen here; ${read}.`,
  ].map(line => pc.dim(line));
}
