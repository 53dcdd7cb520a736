/** @file Ours beside PyTorch and JAX: milliseconds of one distillation step's loss and gradients by case, each peer in its best form, and how well their results
 *  agree. Each contender is a process of its own on the same cores; their times alternate, so that what the machine does meanwhile hits all of them. In:
 *  `--all` every variant, not the best ones alone; `--case NAME` some cases; `--engine NAME` ours, the first is the one that peers are compared with.
 *  On a quiet Linux machine: npm run bench:peers. README.md has the rules. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { quick, flags as usualFlags } from '../options.ts';
import { type Bar, intoDocs, median, present, type Row, tableOf } from '../table.ts';
import { distance } from './agreement.ts';
import { type Case, cases } from './cases.ts';
import { type Contender, type Peer, startContender, type Variant } from './contender.ts';
import { writeTask } from './task.ts';
import { bars, isOurs, names, variantsOf, yardstick } from './variants.ts';

/** Runs of a contender that do not count, rounds of all of them, and milliseconds that each runs in one. */
const [warmUp, rounds, blockMs] = quick ? [1, 2, 50] : [5, 5, 300];

const allCores: readonly number[] = [...Array(availableParallelism()).keys()];

/** Peers that live at once: each holds up to a gigabyte. */
const atOnce = 6;

/** Largest distance of a result from the yardstick, as a part of the largest value. A peer beyond it is in the table and counts for no bar. */
const tolerance = 1e-3;

const { values: flags } = parseArgs({
  options: {
    ...usualFlags,
    all: { type: 'boolean', default: false },
    case: { type: 'string', multiple: true, default: quick ? ['logreg'] : Object.keys(cases) },
    engine: { type: 'string', multiple: true, default: ['native', 'onnx'] },
  },
});

/** The interpreter that has the peers: a given one, or that of ./setup, which installs them. */
async function pythonOf(): Promise<string> {
  const given = process.env.DISTILL_CLUSTER_PEERS_PYTHON;
  if (given) return given;
  const { stdout } = await promisify(execFile)(fileURLToPath(new URL('setup', import.meta.url)));
  return stdout.trim();
}

const directory = await mkdtemp(join(tmpdir(), 'distill-cluster-peers-'));
const python = await pythonOf();
const versions: Record<string, string> = {};

interface Timed {
  readonly variant: Variant;
  readonly contender: Contender;
  /** Milliseconds of all its runs. */
  readonly times: number[];
}

/** The rows of one case: first ours, then the peers. With many of them these come in groups, which ours is timed with anew. */
async function rowsOf(name: string, one: Case): Promise<Row[]> {
  const variants = variantsOf(name, flags);
  const ours = variants.filter(({ peer }) => peer === 'ours');
  const peers = variants.slice(ours.length);
  const rows: Row[] = [];
  for (let i = 0; i < peers.length; i += atOnce) {
    const group = await rowsTogether(name, one, [...ours, ...peers.slice(i, i + atOnce)]);
    rows.push(...(i === 0 ? group : group.slice(ours.length)));
  }
  return rows;
}

/** The rows of contenders that live together; the first is the one that the others are compared with. */
async function rowsTogether(name: string, one: Case, variants: readonly Variant[]): Promise<Row[]> {
  const task = join(directory, 'task.npz');
  await writeTask(task, one);
  const cores = one.machine === 'one core' ? [0] : allCores;
  const start = (variant: Variant, on = cores, number = 0): Promise<Contender> => {
    process.stderr.write(`${name}: ${names[variant.peer]} ${variant.variant}\n`);
    return startContender(variant, one, {
      task,
      cores: on,
      python,
      scratch: join(directory, `results${number}`),
    });
  };

  const judge = await start(yardstick);
  await judge.end();
  const all = await built(variants, cores, start);
  await alternate(all);
  await Promise.all(all.map(({ contender }) => contender.end()));

  const ours = all[0]!;
  return all.map(({ variant, contender, times }) => {
    const [library, version] = contender.version.split(' ') as [string, string];
    versions[library] = version;
    return {
      case: name,
      peer: names[variant.peer],
      variant: cores.length > 1 ? `${variant.variant}, ${variant.spread}` : variant.variant,
      'ms median': median(times),
      'ms min': times[0]!,
      'ms max': times.at(-1)!,
      '× ours': median(times) / median(ours.times),
      'off float64': agreed(name, variant, distance(contender.results, judge.results)),
      'off ours': distance(contender.results, ours.contender.results).toExponential(1),
      's to build': contender.seconds,
    };
  });
}

/** All contenders, ready. Those for one core are built one after the other on each core of the machine, which takes most of this benchmark's time, and then meet on theirs. */
async function built(
  variants: readonly Variant[],
  cores: readonly number[],
  start: (variant: Variant, on: readonly number[], number: number) => Promise<Contender>,
): Promise<Timed[]> {
  const places = cores.length === 1 ? allCores.map(core => [core]) : [cores];
  const all: Timed[] = [];
  let next = 0;
  const inTurn = async (on: readonly number[]): Promise<void> => {
    while (next < variants.length) {
      const number = next++;
      const variant = variants[number]!;
      all[number] = { variant, contender: await start(variant, on, number), times: [] };
    }
  };
  await Promise.all(places.map(inTurn));
  if (places.length > 1) for (const { contender } of all) await contender.moveTo(cores);
  return all;
}

/** Times all contenders, block by block in turn. Their `times` are sorted then. */
async function alternate(all: readonly Timed[]): Promise<void> {
  const blocks: number[] = [];
  for (const { contender } of all)
    blocks.push(Math.max(1, Math.round(blockMs / Math.min(...(await contender.time(warmUp))))));
  for (let round = 0; round < rounds; round++)
    for (const [i, { contender, times }] of all.entries()) times.push(...(await contender.time(blocks[i]!)));
  for (const { times } of all) times.sort((a, b) => a - b);
}

/** The distance for people. @throws Error when ours is beyond the tolerance: times of different results compare nothing. */
function agreed(name: string, { peer, variant }: Variant, apart: number): string {
  const words = `${name}: ${names[peer]} ${variant} is off by ${apart} of the largest value, at most ${tolerance} is allowed`;
  if (!(apart <= tolerance)) {
    if (peer === 'ours') throw new Error(words);
    console.error(`!!! ${words}: IT COUNTS FOR NO BAR !!!`);
  }
  return apart.toExponential(1);
}

/** How many times faster than the best plain form of each peer a case is; 0 where it has forms, but none that agrees. */
const barsOf = (rows: readonly Row[]): Bar[] =>
  Object.entries(bars).flatMap(([name, byPeer]) =>
    Object.entries(byPeer).flatMap(([peer, atLeast]): Bar[] => {
      const plain = rows.filter(
        row => row.case === name && row.peer === names[peer as Peer] && !isOurs(`${row.variant}`),
      );
      if (plain.length === 0) return [];
      const counted = plain.filter(row => Number(row['off float64']) <= tolerance);
      const measured = counted.length === 0 ? 0 : Math.min(...counted.map(row => row['× ours'] as number));
      return [{ what: `${name}, times faster than ${names[peer as Peer]}`, measured, atLeast, unit: '' }];
    }),
  );

try {
  const rows: Row[] = [];
  for (const name of flags.case) rows.push(...(await rowsOf(name, cases[name]!)));
  const about = {
    title: 'Beside PyTorch and JAX',
    answers:
      'Milliseconds of one gradient, all contenders of a case in turn on the same cores. Bars are for peers as one would write them; `span` and `phases` are forms that take over our mathematics (peers/README.md); what is off by more than 1e-3 counts for none.',
    bars: barsOf(rows),
    versions,
  };
  if (flags.all)
    await intoDocs('../benchmarks/peers/README.md', 'all', await present('peers-all', rows, about));
  else if (quick || flags.case.length === Object.keys(cases).length) await present('peers', rows, about);
  else console.log(tableOf(rows));
} finally {
  await rm(directory, { recursive: true });
}
