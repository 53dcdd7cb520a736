/** @file Parts of products: rows of A that are zero at the same places need no multiplication there, and rows of a result of which the same elements are read no others.
 *  Rows are gathered so that what is left out outweighs that the product is cut. Pure. */
import type { Part } from './instructions.ts';
import type { Mask } from './zeros.ts';

/** Rows of a matrix, and columns outside of which all of these are zero. */
interface Block {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** What a block takes, in multiplications of one row by one column. */
type Cost = (block: Block) => number;

/** Rows of A by the indices of k at which they may differ from zero; undefined where cutting does not pay. Sums have to be begun and ended, columns to be packed. */
export const partsByZeros = (a: Mask, k: number): Part[] | undefined =>
  blocks(a, k, ({ rows, columns }) => (rows.length + 2) * (columns.length + 6))?.map(({ rows, columns }) => ({
    rows,
    depths: columns,
  }));

/** Rows of a result by the columns that are needed there; undefined where cutting does not pay. In panels a run of columns takes whole vectors, and rows are packed.
 *  @param inner of a product that is computed as inner products */
export const partsByNeeds = (result: Mask, n: number, inner: boolean): Part[] | undefined =>
  blocks(
    result,
    n,
    inner
      ? ({ rows, columns }) => (rows.length + 0.5) * (columns.length + 0.5)
      : ({ rows, columns }) => (rows.length + 2) * (inVectors(columns) + 6),
  )?.filter(({ columns }) => columns.length > 0);

/** The other way round: element (j, i) of a mask of `columns` columns. */
export const turnedMask = (mask: Mask, columns: number): Mask => {
  const rows = mask.length / columns;
  return mask.map((_, n) => mask[(n % rows) * columns + Math.floor(n / rows)]!);
};

/** All that is not zero in few blocks, each row in one of them. */
function blocks(mask: Mask, columns: number, cost: Cost): Block[] | undefined {
  const found: Block[] = [];
  for (const block of alike(mask, columns)) {
    const gains = found.map(other => cost(other) + cost(block) - cost(joined(other, block)));
    const best = gains.indexOf(Math.max(...gains));
    if (best >= 0 && gains[best]! > 0) found[best] = joined(found[best]!, block);
    else found.push(block);
  }
  const whole = cost({ rows: upTo(mask.length / columns), columns: upTo(columns) });
  return found.reduce((sum, block) => sum + cost(block), 0) < whole ? found : undefined;
}

/** Rows that are zero at the same places. */
function alike(mask: Mask, columns: number): Block[] {
  const found = new Map<string, { rows: number[]; columns: number[] }>();
  for (let row = 0; row * columns < mask.length; row++) {
    const own = upTo(columns).filter(column => mask[row * columns + column] !== 0);
    const key = own.join();
    const block = found.get(key);
    if (block === undefined) found.set(key, { rows: [row], columns: own });
    else block.rows.push(row);
  }
  return [...found.values()];
}

const joined = (a: Block, b: Block): Block => ({
  rows: merged(a.rows, b.rows),
  columns: merged(a.columns, b.columns),
});

const merged = (a: readonly number[], b: readonly number[]): number[] =>
  [...new Set([...a, ...b])].sort((x, y) => x - y);

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Columns that the kernels compute together. */
const vector = 16;

/** How many columns are computed where each run of neighbours takes whole vectors. */
function inVectors(columns: readonly number[]): number {
  let [width, length] = [0, 0];
  columns.forEach((column, i) => {
    length = i > 0 && column === columns[i - 1]! + 1 ? length + 1 : 1;
    if (length % vector === 1) width += vector;
  });
  return width;
}
