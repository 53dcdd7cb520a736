/** @file A contender and its processes. In: a case's task and a variant. Out: its results once, and times of as many runs as are asked for, until it is
 *  ended. A process is held on its cores by `taskset` (Linux), and all of them get the same threads and the same allocator. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeNpz } from '../../src/shared/artifacts/index.ts';
import type { ModelName } from '../../src/shared/models/index.ts';
import type { Case } from './cases.ts';

/** `ours`, or the name of a module in python/. */
export type Peer = 'ours' | 'torch_eager' | 'torch_compiled' | 'jax_jit';

export interface Variant {
  readonly peer: Peer;
  /** As the peer's module reads it; of ours the name of an engine. */
  readonly variant: string;
  /** How it uses more than one core: by threads, or by a process on each of them, with an equal share of the members. */
  readonly spread: 'threads' | 'processes';
  /** Computes in float64, for a yardstick. */
  readonly float64?: boolean;
}

/** What a process is told. */
export interface Asked {
  /** The case's .npz, and where that of the results is to be. */
  readonly task: string;
  readonly result: string;
  readonly model: ModelName;
  readonly peer: Peer;
  readonly variant: string;
  /** First member, and the one after the last. */
  readonly members: readonly [number, number];
  readonly threads: number;
  readonly float64: boolean;
}

/** What it answers when it is ready: seconds that it took to build and run for the first time, and what it runs on. */
interface Ready {
  readonly seconds: number;
  readonly version: string;
}

/** The outputs of a step, and the arrays of a results file: those of all members, one behind the other. */
export const outputs = ['loss', 'dImages', 'dEta', 'dLabels'] as const;
export type Results = Readonly<Record<(typeof outputs)[number], readonly number[]>>;

export interface Contender extends Ready {
  readonly results: Results;
  /** Milliseconds of each of `runs` runs. */
  time(runs: number): Promise<number[]>;
  /** Holds all of its processes' threads on other cores from now on. */
  moveTo(cores: readonly number[]): Promise<void>;
  end(): Promise<void>;
}

const run = promisify(execFile);

/** Blocks of any size stay with the process: page faults for fresh memory would otherwise be most of what PyTorch and JAX are seen to do. */
const allocator = {
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  MALLOC_MMAP_THRESHOLD_: '4000000000',
  MALLOC_TOP_PAD_: '67108864',
};

const oneThreadOfXla = '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1';

/** Starts a contender on `cores` and waits for its results.
 *  @param python   the interpreter that has the peers    @param scratch   a path that its results' names begin with
 *  @throws         Error when a process ends before it has answered; what it said is on stderr. */
export async function startContender(
  { peer, variant, spread, float64 = false }: Variant,
  { model, members }: Case,
  {
    task,
    cores,
    python,
    scratch,
  }: { task: string; cores: readonly number[]; python: string; scratch: string },
): Promise<Contender> {
  const shares = spread === 'processes' ? cores.map(core => [core]) : [cores];
  const bound = (i: number): number => Math.round((i * members) / shares.length);
  const processes = shares.map((share, i) => {
    const [threads, result] = [share.length, `${scratch}-${i}.npz`];
    const range = [bound(i), bound(i + 1)] as const;
    const asked: Asked = { task, result, model, peer, variant, members: range, threads, float64 };
    return { result, ...launch(asked, share, python) };
  });
  const answers = (await Promise.all(processes.map(({ answer }) => answer()))) as Ready[];
  const parts = await Promise.all(
    processes.map(async ({ result }) => decodeNpz(await readFile(result), result)),
  );
  const ask = async (runs: number): Promise<number[][]> =>
    Promise.all(
      processes.map(async ({ child, answer }) => {
        child.stdin.write(`${runs}\n`);
        return (await answer()) as number[];
      }),
    );
  return {
    version: answers[0]!.version,
    seconds: Math.max(...answers.map(({ seconds }) => seconds)),
    results: Object.fromEntries(
      outputs.map(name => [name, parts.flatMap(part => [...part[name]!.data])]),
    ) as unknown as Results, // fromEntries forgets which names there are
    time: async runs => {
      if (processes.length === 1) return (await ask(runs))[0]!;
      // All at once, run by run: a run is as long as its slowest share.
      const times: number[] = [];
      for (let i = 0; i < runs; i++) times.push(Math.max(...(await ask(1)).flat()));
      return times;
    },
    moveTo: async to => {
      for (const { child } of processes)
        await run('taskset', ['--all-tasks', '--pid', '--cpu-list', to.join(), `${child.pid}`]);
    },
    end: async () => {
      for (const { child } of processes) child.stdin.end();
      await Promise.all(processes.map(({ ended }) => ended));
    },
  };
}

/** A process on its cores; `answer` is the next line that it prints, read as JSON. */
function launch(
  asked: Asked,
  cores: readonly number[],
  python: string,
): { child: ChildProcessWithoutNullStreams; answer(): Promise<unknown>; ended: Promise<unknown> } {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const program =
    asked.peer === 'ours'
      ? [process.execPath, '--import', 'tsx', here('ours.ts')]
      : [python, here('python/serve.py')];
  const child = spawn('taskset', ['-c', cores.join(), ...program, JSON.stringify(asked)], {
    env: {
      ...process.env,
      ...allocator,
      OMP_NUM_THREADS: `${asked.threads}`,
      XLA_FLAGS: asked.threads === 1 ? oneThreadOfXla : '',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended: once(child, 'exit'),
    answer: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${asked.peer} ${asked.variant} ended before it answered`);
      return JSON.parse(value);
    },
  };
}
