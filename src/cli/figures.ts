/** @file Accuracies as people read them, in columns. In: figures. Out: text. */
import pc from 'picocolors';
import type { AccuracyOver } from '../index.ts';
import { percent } from './progress.ts';

/** `92.5 ± 0.1 %`; of a single network there is no deviation to tell. */
export const accuracyText = ({ mean, std, nets }: AccuracyOver): string =>
  `${percent(mean)}${nets > 1 ? ` ± ${percent(std)}` : ''} %`;

/** The same with means that stand below each other. */
export const figure = (accuracy: AccuracyOver): string =>
  `${' '.repeat(5 - percent(accuracy.mean).length)}${accuracyText(accuracy)}`;

/** `1 network`, `20 networks`. */
export const networks = (count: number): string => `${count} ${count === 1 ? 'network' : 'networks'}`;

/** Least width of the first column, so that the tables of one text agree. */
const firstWidth = 34;

/** A heading and rows of as many cells: the first column set in, the others headed above their figures. */
export function laidOut(
  [title = '', ...columns]: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const heading = [title, ...columns.map(column => ` ${column}`)];
  const table = [heading, ...rows.map(([first = '', ...rest]) => [`  ${first}`, ...rest])];
  const widths = heading.map((_, c) =>
    Math.max(c === 0 ? firstWidth : 0, ...table.map(row => row[c]!.length)),
  );
  const lines = table.map(row =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join('   ')
      .trimEnd(),
  );
  return [pc.bold(lines[0]!), ...lines.slice(1)];
}
