/** @file Worker processes that die in mid-run, by themselves and by SIGKILL at any moment: they are replaced, their tasks run again, and the result is that of an undisturbed
 *  run. And their ends: with the run, by force, when nobody is left to work for. */
import { execFileSync } from 'node:child_process';
import nodeCluster from 'node:cluster';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Transport } from '../../src/coordinator/transport.ts';
import { type ClusterOptions, cluster } from '../../src/coordinator/transports/cluster.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import type { Task } from '../../src/shared/messages/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { built, start } from '../fixtures/program.ts';
import { onSmall, scratch } from '../fixtures/runs.ts';
import { outcome, smallRun, someState } from '../fixtures/smallRun.ts';

const entry = built('worker/entries/cluster.js');
const place = scratch();
const { job, plan } = await smallRun(place);
const undisturbed = await outcome(job, plan, inline(await createHandler(job)));
const gradient = (step: number, member: number, count = 1): Task => ({
  kind: 'gradient',
  step,
  member,
  count,
});
const accuracy = { kind: 'accuracy', recipe: 'schedule' } as const;
const validation: Task = { ...accuracy, step: 4, part: 'validation', model: 0, net: 1 };
const testing: Task = { ...accuracy, step: 8, part: 'test', model: 1, net: 0 };

/** Where the transports of a test put their files. */
let files = '';
beforeEach(() => {
  files = mkdtempSync(join(place, 'tmp-'));
  vi.stubEnv('TMPDIR', files);
});
afterEach(() => {
  vi.unstubAllEnvs();
  expect(jobFiles()).toEqual([]);
  expect(living()).toEqual([]);
});

/** The directories of jobs; the engine leaves files of its own beside them. */
const jobFiles = () => readdirSync(files).filter(name => name.startsWith('distill-cluster-'));
const living = () => Object.values(nodeCluster.workers ?? {}).filter(worker => worker && !worker.isDead());
const fixture = (name: string): URL => new URL(`../fixtures/${name}`, import.meta.url);

async function opened(
  options: Partial<ClusterOptions> = {},
): Promise<{ transport: Transport; told: string[] }> {
  const transport = await cluster({ entry, job, workers: 2, expected: plan.members.length, ...options });
  const told: string[] = [];
  transport.onWorker(({ kind, message }) => told.push(`${kind}: ${message}`));
  return { transport, told };
}

describe('SIGKILL', () => {
  test('50 times in one run, at random moments, to whichever process: the same result', async () => {
    const [seed, kills] = [7, 50];
    const options = { steps: 320, filters: 8, validateEvery: 100, validationNets: 2 };
    const long = await smallRun(place, options);
    const expected = await outcome(long.job, long.plan, inline(await createHandler(long.job)));
    const { transport, told } = await opened({ job: long.job });
    const random = stream(seed, 'weights');
    let [killed, stepsToGo, timer]: [number, number, NodeJS.Timeout | undefined] = [0, 0, undefined];
    const dying = new Set<number>(); // a kill takes a moment
    const kill = (): void => {
      timer = undefined;
      stepsToGo = random.below(4);
      const processes = living().filter(worker => !dying.has(worker!.id));
      const chosen = processes[random.below(Math.max(1, processes.length))];
      if (!chosen?.process.kill('SIGKILL')) return;
      dying.add(chosen.id);
      killed++;
    };
    // A kill waits until a step has ended since the last one, so no task is hit twice, let alone three times.
    const onStep = (): void => {
      if (killed < kills && timer === undefined && stepsToGo-- <= 0)
        timer = setTimeout(kill, 8 * random.uniform());
    };
    const result = await outcome(long.job, long.plan, transport, onStep);
    expect(killed, `seed ${seed}`).toBe(kills);
    expect(result, `seed ${seed}`).toEqual(expected);
    expect(told, `seed ${seed}`).toHaveLength(kills);
    for (const line of told) expect(line).toMatch(/^lost: a worker process was lost \(SIGKILL\)/);
    const atTasks = told.filter(line =>
      /at (step|network) .*; it is replaced and the task runs again$/.test(line),
    );
    expect(atTasks.length, `seed ${seed}`).toBeGreaterThan(kills / 4);
  });

  test('to one that does not end when it is let go', async () => {
    const { transport } = await opened();
    await transport.broadcast(0, someState(plan));
    await Promise.all([transport.run(gradient(0, 0)), transport.run(gradient(0, 1))]);
    living()[0]!.process.kill('SIGSTOP');
    await transport.close();
  });
});

const reasons = {
  exit: /exit code 3/,
  throw: /thrown outside of any task/,
  heap: /heap/i,
  fault: /a fault of the program/,
} as const;

describe.each(Object.entries(reasons))('processes that fail by %s', (way, reason) => {
  const faulty = async (at: readonly { readonly task: Task; readonly times: number }[], workers = 2) => {
    const deaths = mkdtempSync(join(place, 'deaths-'));
    vi.stubEnv('DISTILL_CLUSTER_TEST_FAULTS', JSON.stringify({ way, at, deaths }));
    const execArgv = ['--max-old-space-size=64'];
    const ofThese = await opened({ entry: fixture('faultyProcess.mjs'), workers, execArgv });
    return {
      ...ofThese,
      came: () => at.map((_, i) => readdirSync(deaths).filter(f => f.startsWith(`${i}-`)).length),
    };
  };

  test('now and then: the same result, and each loss is told', async () => {
    const tasks = [gradient(0, 0, 2), gradient(3, 0, 2), gradient(3, 2), gradient(7, 2), validation, testing];
    const { transport, told, came } = await faulty(tasks.map(task => ({ task, times: 1 })));
    expect(await outcome(job, plan, transport)).toEqual(undisturbed);
    expect(came()).toEqual([2, 2, 2, 2, 2, 2]); // each chosen task came twice
    expect(told).toHaveLength(6);
    for (const line of told) {
      expect(line).toMatch(
        /^lost: a worker process was lost \(.*\) at .*; it is replaced and the task runs again$/,
      );
      expect(line).toMatch(reason);
    }
    for (const where of ['step 0, members 0 to 1', 'step 7, member 2', 'network 1 of the validation part'])
      expect(told.join('\n')).toContain(where);
  });

  test.each(way === 'exit' ? [2] : [])('%i times at one task, with one worker: still the same', async () => {
    const { transport, came } = await faulty([{ task: gradient(2, 2), times: 2 }], 1);
    expect(await outcome(job, plan, transport)).toEqual(undisturbed);
    expect(came()).toEqual([3]);
  });

  test('three times at one task: the run ends and names it', async () => {
    const { transport, told, came } = await faulty([{ task: gradient(2, 2), times: 9 }]);
    await expect(outcome(job, plan, transport)).rejects.toMatchObject({
      code: 'lost-task',
      exitCode: 1,
      message: expect.stringMatching(
        /^step 2, member 2, seed 1: expected an answer, found 3 lost workers, the last by: .*reproduce --seed 1 --step 2 --member 2/,
      ),
    });
    expect(came()).toEqual([3]);
    expect(told).toHaveLength(2);
  });
});

describe('the command line', () => {
  const flags = [
    ...onSmall(place),
    '--models',
    'logreg:2',
    '--transport',
    'cluster',
    '--workers',
    '2',
    '--json',
  ];
  /** A run of the program under way, and the ids of its processes. */
  const begun = async () => {
    const out = join(place, `run-${readdirSync(place).length}`);
    const program = start([...flags, '--steps', '100000', '--out', out], { env: { TMPDIR: files } });
    await program.until(({ stdout }) => stdout.includes('"type":"step","step":5,'));
    const ids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(program.child.pid)], { encoding: 'utf8' });
    return { program, processes: ids.trim().split(/\s+/).map(Number) };
  };
  /** Whether a process handles a signal, as Linux tells. */
  const catches = (id: number, signal: NodeJS.Signals): boolean => {
    const [, mask] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))!;
    return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  };
  const alive = (id: number): boolean => {
    try {
      return process.kill(id, 0);
    } catch {
      return false;
    }
  };

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s to the whole group: the run ends as ever, no process is lost',
    async signal => {
      const { program, processes } = await begun();
      expect(processes).toHaveLength(2);
      while (!processes.every(id => catches(id, signal)))
        await new Promise(resolve => setTimeout(resolve, 5)); // one may not be up yet
      for (const id of [...processes, program.child.pid!]) process.kill(id, signal);
      const { status, stdout, stderr } = await program.ended;
      expect([status, stderr]).toEqual([{ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal], '']);
      expect(stdout).not.toContain('lost');
      expect(stdout).toContain('"type":"result"');
      expect(processes.filter(alive)).toEqual([]);
    },
  );

  test('a coordinator that is killed leaves no process behind', async () => {
    const { program, processes } = await begun();
    program.signal('SIGKILL');
    await program.ended;
    while (processes.some(alive)) await new Promise(resolve => setTimeout(resolve, 20));
    for (const directory of jobFiles()) rmSync(join(files, directory), { recursive: true }); // nobody was left to do it
  });
});

describe('processes that do not come up', () => {
  test('three in a row end the run', async () => {
    const { transport, told } = await opened({ entry: fixture('refusingProcess.mjs') });
    await expect(outcome(job, plan, transport)).rejects.toMatchObject({
      code: 'lost-task',
      message: expect.stringMatching(
        /^transport cluster: expected worker processes that start, found 3 in a row .* by: exit code 4, TypeError: this can’t start; /,
      ),
    });
    expect(told).toHaveLength(2);
  });

  test('pixels that are others than the job’s are refused, and no other process is tried', async () => {
    const { transport, told } = await opened({ expected: 0 }); // nothing is forked before the first task
    const [directory] = jobFiles();
    const [blob] = readdirSync(join(files, directory!));
    writeFileSync(join(files, directory!, blob!), new Uint8Array(500 * 65));
    await expect(transport.run(gradient(0, 0))).rejects.toMatchObject({ code: 'bad-data' });
    await expect(transport.run(gradient(0, 1))).rejects.toMatchObject({ code: 'bad-data' });
    expect(told).toEqual([]);
    await transport.close();
  });

  test('a place without room for the data is an error at once', async () => {
    vi.stubEnv('TMPDIR', join(files, 'not-there'));
    const error = await opened().catch((error: unknown) => error);
    expect(error).toMatchObject({
      code: 'output',
      message: expect.stringContaining('name another directory in TMPDIR'),
    });
  });
});

test('a task beyond the run is refused by the process, as an answer', async () => {
  const { transport, told } = await opened();
  await transport.broadcast(0, someState(plan));
  const answer = Buffer.from(await transport.run(gradient(99, 0))).toString('latin1');
  expect(answer).toMatch(/bad-file.*step 99, member 0, beyond 8 steps, 3 members/);
  expect(told).toEqual([]);
  await transport.close();
});

test('a process gets nothing of how this one was started, and this one keeps its settings', async () => {
  nodeCluster.setupPrimary({ exec: 'mine.js', args: ['a'], silent: true });
  const before = { ...nodeCluster.settings };
  vi.stubEnv('NODE_OPTIONS', '--max-old-space-size=500 --no-warnings');
  const { transport } = await opened({ workers: 1 });
  expect(nodeCluster.settings).toMatchObject(before);
  expect(living().map(worker => worker!.process.spawnargs.slice(1))).toEqual([[entry.pathname]]);
  await transport.close();
});
