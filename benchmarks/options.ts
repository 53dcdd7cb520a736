/** @file Flags that all benchmarks have. In: the command line. Out: `--quick`: few repetitions of few cases, to see that a benchmark works; `--out DIR`: where tables are
 *  written, benchmarks/results unless told; `--engine NAME`, once or more: only those engines. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** As parseArgs takes them: for benchmarks that have flags of their own beside these. */
export const flags = {
  quick: { type: 'boolean' },
  out: { type: 'string' },
  engine: { type: 'string', multiple: true },
} as const;

const { values } = parseArgs({ options: flags, strict: false }); // a benchmark's own flags are none of ours

export const quick = values.quick === true;

/** Where tables of record lie: what docs show is taken from there. */
const resultsOfRecord = fileURLToPath(new URL('results/', import.meta.url));

const short = join(tmpdir(), 'distill-cluster-benchmarks');
/** The directory for tables. A quick run is no measurement: it never overwrites one. */
export const out = typeof values.out === 'string' ? values.out : quick ? short : resultsOfRecord;

/** Whether what is measured now is to be kept in docs. */
export const ofRecord = out === resultsOfRecord;

/** The engines asked for; undefined: all. */
export const enginesAsked = values.engine as readonly string[] | undefined;
