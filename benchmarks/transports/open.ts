/** @file Transports with null workers, opened as a run opens them. In: a job and the number of workers. Out: a transport, and what lets all of it go. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Transport } from '../../src/coordinator/transport.ts';
import { cluster } from '../../src/coordinator/transports/cluster.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import { nats } from '../../src/coordinator/transports/nats/index.ts';
import { threads } from '../../src/coordinator/transports/threads.ts';
import { cpuKind, name, version } from '../../src/version.ts';
import { type NullJob, nullAnswer } from './job.ts';

export interface Opened {
  readonly transport: Transport;
  readonly close: () => Promise<void>;
  /** Processes beside this one, by name: their CPU time can be read. */
  readonly processes: Readonly<Record<string, number>>;
}

type Open = (nullJob: NullJob, workers: number) => Promise<Opened>;

/** What a benchmark opens: a worker's number and what it costs the coordinator. */
export const transports: Readonly<Record<string, Open>> = {
  inline: async ({ job }) => {
    const answer = nullAnswer(job);
    return alone(inline(async () => answer));
  },
  threads: async ({ job, plan, state }, workers) =>
    alone(
      threads({
        entry: new URL('./nullThread.mjs', import.meta.url),
        job: { ...job, nullAnswer: nullAnswer(job) } as typeof job,
        workers,
        expected: plan.members.length,
        stateBytes: state.length + 4096,
      }),
    ),
  cluster: async ({ job, plan }, workers) =>
    alone(
      await cluster({
        entry: new URL('./nullCluster.mjs', import.meta.url),
        job,
        workers,
        expected: plan.members.length,
      }),
    ),
  nats: (nullJob, workers) => overNats(nullJob, { processes: workers, threads: 1 }),
};

const alone = (transport: Transport): Opened => ({
  transport,
  close: () => transport.close(),
  processes: {},
});

/** Null workers over a nats-server of its own; `ms`: how long each takes for an answer. */
export async function overNats(
  { job }: NullJob,
  { processes, threads: each, ms = 0 }: { processes: number; threads: number; ms?: number },
): Promise<Opened> {
  const server = await startServer();
  const config = { ...job.config, transport: 'nats' as const, natsUrl: server.url };
  const transport = await nats({
    job: { ...job, config },
    run: 'bench',
    workers: processes * each,
    program: `${name} ${version}`,
    cpu: cpuKind(),
    check: () => undefined,
    answerBytes: 2 ** 24,
  });
  const entry = fileURLToPath(new URL('./nullProcess.mjs', import.meta.url));
  const workers = Array.from({ length: processes }, () =>
    spawn(process.execPath, [entry, server.url, 'bench', `${each}`, `${ms}`], { stdio: 'inherit' }),
  );
  return {
    transport,
    processes: { server: server.child.pid!, worker: workers[0]!.pid! },
    close: async () => {
      await transport.close();
      await Promise.all(workers.map(worker => ended(worker)));
      await server.stop();
    },
  };
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null) await once(child, 'exit');
};

async function startServer(): Promise<{ url: string; child: ChildProcess; stop: () => Promise<void> }> {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as { port: number };
  await new Promise(resolve => free.close(resolve));
  const store = mkdtempSync(join(tmpdir(), 'distill-cluster-bench-'));
  const child = spawn('nats-server', ['-js', '-sd', store, '-a', '127.0.0.1', '-p', `${port}`], {
    stdio: 'ignore',
  });
  child.on('error', error => {
    throw new Error('this benchmark needs nats-server on the PATH', { cause: error });
  });
  while (!(await listens(port))) await sleep(20);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended(child);
    rmSync(store, { recursive: true, force: true });
  };
  return { url: `nats://127.0.0.1:${port}`, child, stop };
}

const listens = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
      .on('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .on('error', () => resolve(false));
  });
