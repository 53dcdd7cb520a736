/** @file How long a user waits: from the start of the command line's process to the event of the first outer step, and where that time goes, seen from outside. MNIST lies in
 *  the installed package. On a quiet machine, after a build: npm run bench:startup */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { answersOf, program } from './built.ts';
import { enginesToCompare, engineVersions } from './engines.ts';
import { quick } from './options.ts';
import { median, present, type Row, spread } from './table.ts';

const runs = quick ? 1 : 9;
const models = quick ? ['logreg:8'] : ['logreg:8', 'conv:8'];
/** The bar, in ms. */
const longest = 1500;

/** The parts that children/firstGradient.mjs tells, in ms. */
interface Parts {
  readonly modules: number;
  readonly runtime: number;
  readonly gathered: number;
  readonly derived: number;
  readonly compiled: number;
  readonly first: number;
}

/** Milliseconds from a process's start. */
interface Waited {
  /** The data are there and the workers are being started. */
  readonly start: number;
  readonly step: number;
}

const directory = await mkdtemp(join(tmpdir(), 'distill-cluster-startup-'));

const ended = (child: ChildProcess): Promise<unknown> => once(child, 'exit');

/** `distill-cluster` up to its first step; it is killed then. */
async function untilFirstStep(args: readonly string[], run: number): Promise<Waited> {
  const began = performance.now();
  const flags = ['--json', '--out', join(directory, `${run}`), '--force', ...args];
  const child = spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = ended(child);
  let start: number | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { type } = JSON.parse(line) as { type: string };
      if (type === 'start') start = performance.now() - began;
      if (type === 'step') return { start: start!, step: performance.now() - began };
    }
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
  throw new Error(`distill-cluster ${args.join(' ')} ended without a step`);
}

/** Milliseconds of a whole process. */
async function processTime(args: readonly string[]): Promise<number> {
  const began = performance.now();
  await ended(spawn(process.execPath, args, { stdio: 'ignore' }));
  return performance.now() - began;
}

/** Results of repeated work, one after the other: two processes at a time would wait for each other. */
async function repeated<T>(work: (run: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let run = 0; run < runs; run++) results.push(await work(run));
  process.stderr.write('.');
  return results;
}

const sorted = <T>(all: readonly T[], of: (one: T) => number): number[] => all.map(of).sort((a, b) => a - b);

const engines = await enginesToCompare();
const rows: Row[] = [];
const parts: Row[] = [];
try {
  const node = median(sorted(await repeated(() => processTime(['-e', '0'])), ms => ms));
  const imports = median(sorted(await repeated(() => processTime([program, '--version'])), ms => ms)) - node;
  for (const model of models)
    for (const { name: engine } of engines) {
      const flags = ['--models', model, '--engine', engine];
      const waits = await repeated(run => untilFirstStep(flags, run));
      const steps = sorted(waits, ({ step }) => step);
      rows.push({ model, engine, ...spread(steps), runs: `${runs}` });
      const data = median(sorted(waits, ({ start }) => start)) - node - imports;
      const rest = median(sorted(waits, ({ start, step }) => step - start));
      const inWorker = await answersOf<Parts>('firstGradient', { models: model, engine }, runs);
      const of = (part: keyof Parts): number => median(sorted(inWorker, one => one[part]));
      parts.push({
        model,
        engine,
        node,
        imports,
        'data, plan': data,
        'to the first step': rest,
        'of it modules': of('modules'),
        runtime: of('runtime'),
        'split, batch': of('gathered'),
        'derive graph': of('derived'),
        compile: of('compiled'),
        'first gradient': of('first'),
      });
    }
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.stderr.write('\n');

const versions = engineVersions(engines);
await present('startup', rows, {
  title: 'Start',
  answers:
    'How long does a user wait for the first outer step? Milliseconds from the start of `distill-cluster` to that step’s event, workers on all cores, MNIST in the installed package.',
  bars: rows.map(row => ({
    what: `${row.engine}, ${row.model}`,
    measured: Number(row['ms median']),
    atMost: longest,
    unit: 'ms',
  })),
  versions,
});
await present('startup-parts', parts, {
  title: 'Where the start goes',
  answers:
    'Which part takes how long? Medians in ms. The columns up to the first step add up to the start; those after it are a worker’s way to its first gradient, taken one by one in a process of its own, where workers do not compete for cores.',
  versions,
});
