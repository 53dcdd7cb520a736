/** @file CSV, plain or gzipped: one image per row, one column its label. In: a file. Out: its values, not yet scaled, and labels. The parsing is csv-parse's;
 *  rows are taken as they come, so that a file's text is never there as strings at once. */
import { badContent, checkSizes, contentLimits, type ImageShape, misplaced, sha256 } from './content.ts';
import { readFile, unpacked } from './files.ts';
import { labelOf } from './labels.ts';
import type { Values } from './values.ts';

const usualNames = ['label', 'class', 'target', 'y'];

/** Reads a CSV file. The first row is a header when two of its cells are no numbers, when all but one count 0, 1, 2, …, or when it has the label column's name.
 *  @throws DistillError 'bad-data', naming the line; 'no-data'; 'usage' for a label column that is not there. */
export async function readCsv(path: string, labelColumn: string | undefined): Promise<Values> {
  const { CsvError, parse } = await import('csv-parse/sync'); // late, as few runs read a CSV
  const file = await readFile(path, contentLimits.bytes);
  const text = unpacked(file, path);
  const values = new Float32Array(Math.ceil(text.length / 2)); // a value takes two bytes of text at least: itself and a comma
  const labels: string[] = [];
  let layout: Layout | undefined;
  let shape: ImageShape = [0, 0, 0];
  let filled = 0;
  const take = (cells: string[], { lines }: { lines: number }): null => {
    const where = `${path}: line ${lines}`;
    if (layout === undefined) {
      layout = layoutOf(cells, labelColumn, path);
      shape = shapeOf(layout.columns - 1, path);
      if (layout.header) return null;
    }
    if (cells.length !== layout.columns)
      throw badContent(where, `${layout.columns} columns as in the first row`, `${cells.length}`);
    if (labels.length === contentLimits.images)
      throw badContent(path, `at most ${contentLimits.images} images`, 'more');
    labels.push(labelOf(cells[layout.label]!, where));
    for (let i = 0; i < cells.length; i++) {
      if (i === layout.label) continue;
      const value = number(cells[i]!);
      if (!Number.isFinite(value))
        throw badContent(where, `a number in column ${i}`, `'${cells[i]!.slice(0, 40)}'`);
      values[filled++] = value;
    }
    return null; // nothing to keep
  };
  try {
    parse(text, {
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true, // counted above, where the message is made
      max_record_size: 2 ** 24,
      on_record: take as never,
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw badContent(path, 'a CSV file', cause.message, undefined, cause);
  }
  checkSizes(labels.length, shape, path);
  return {
    values: values.subarray(0, filled),
    shape,
    labels,
    where: path,
    whereOf: i => `${path}: image ${Math.floor(i / (shape[0] * shape[1] * shape[2])) + 1}`,
    sha256: sha256(file),
  };
}

interface Layout {
  readonly columns: number;
  readonly label: number;
  readonly header: boolean;
}

const number = (cell: string): number => (cell.trim() === '' ? Number.NaN : Number(cell));

function layoutOf(cells: readonly string[], asked: string | undefined, path: string): Layout {
  const names = cells.map(name => name.trim());
  const lower = names.map(name => name.toLowerCase());
  const usual = usualNames.map(name => lower.indexOf(name)).find(at => at >= 0);
  const named = asked === undefined ? -1 : names.indexOf(asked);
  const words = names.filter(name => Number.isNaN(number(name))).length;
  const counted = names.length > 2 && [0, 1].some(first => isCounted(names, first)); // pandas names columns 0, 1, 2, …
  const header = words > 1 || counted || (named >= 0 && words > 0);
  const columns = cells.length;
  const layout = (label: number): Layout => ({ columns, label, header });
  if (asked === undefined) return layout((header ? usual : undefined) ?? columns - 1);
  if (header && named >= 0) return layout(named);
  if (asked === 'first') return layout(0);
  if (asked === 'last') return layout(columns - 1);
  if (/^\d{1,7}$/.test(asked) && Number(asked) < columns) return layout(Number(asked));
  throw misplaced(
    'labelColumn',
    `first, last, a number of 0 to ${columns - 1}${header ? ', or a name in the header' : ''} of ${path}`,
    `'${asked}'`,
    header ? `its first names are ${names.slice(0, 5).join(', ')}` : 'it has no header',
  );
}

/** Whether all cells but one word are 0, 1, 2, … (or 1, 2, 3, …): names of columns, not pixels. */
function isCounted(names: readonly string[], first: number): boolean {
  const numbers = names.filter(name => !Number.isNaN(number(name)));
  return numbers.length === names.length - 1 && numbers.every((name, i) => Number(name) === i + first);
}

/** One channel if the pixels make a square, three if a third of them does: red, green, blue of each pixel in turn. */
function shapeOf(pixels: number, path: string): ImageShape {
  for (const channels of [1, 3]) {
    const side = Math.sqrt(pixels / channels);
    if (side >= 1 && Number.isInteger(side)) return [side, side, channels];
  }
  throw badContent(
    path,
    'a label and as many pixels as make a square, in one channel or three',
    `${pixels + 1} columns`,
    'add or remove columns, an index for instance',
  );
}
