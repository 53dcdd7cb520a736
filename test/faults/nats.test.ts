/** @file Workers on other machines that are killed, and a server that is: the run goes on, and its result is that of an undisturbed run. Real processes, a real server. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import type { Transport } from '../../src/coordinator/transport.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import { type NatsOptions, nats } from '../../src/coordinator/transports/nats/index.ts';
import type { Job } from '../../src/shared/config/index.ts';
import { namesOf } from '../../src/shared/nats/index.ts';
import { type Stream, stream } from '../../src/shared/random/index.ts';
import { cpuKind, name, version } from '../../src/version.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import { type Program, run, start } from '../fixtures/program.ts';
import { mixed, onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';
import { outcome, smallRun, someState } from '../fixtures/smallRun.ts';

const place = scratch();
await writeIdxSet(place, smallSizes);

/** Worker processes that are started again when they end, as a service would be. */
class Workers {
  readonly living = new Set<Program>();
  private ending = false;

  constructor(
    private readonly args: readonly string[],
    count: number,
  ) {
    for (let i = 0; i < count; i++) void this.keepOne();
  }

  async end(): Promise<void> {
    this.ending = true;
    for (const worker of this.living) worker.signal('SIGTERM');
    while (this.living.size > 0) await sleep(20);
  }

  /** One of those that serve a run, any; waits until there is one. */
  async serving(random: Stream): Promise<Program> {
    for (;;) {
      const ready = [...this.living].filter(
        ({ child, stderr }) => !child.killed && stderr.includes('serving run'),
      );
      if (ready.length > 0) return ready[random.below(ready.length)]!;
      await sleep(10);
    }
  }

  private async keepOne(): Promise<void> {
    while (!this.ending) {
      const worker = start(['worker', ...this.args]);
      this.living.add(worker);
      await worker.ended;
      this.living.delete(worker);
    }
  }
}

async function opened(
  server: NatsServer,
  job: Job,
  options: Partial<NatsOptions> = {},
): Promise<{ transport: Transport; told: string[] }> {
  const config = { ...job.config, natsUrl: server.url };
  const transport = await nats({
    job: { ...job, config },
    run: 'faults',
    workers: 1,
    program: `${name} ${version}`,
    cpu: cpuKind(),
    check: () => undefined,
    answerBytes: 2 ** 24,
    ackWaitMs: 1500,
    ...options,
  });
  const told: string[] = [];
  transport.onWorker(({ kind, message }) => told.push(`${kind}: ${message}`));
  return { transport, told };
}

describe.skipIf(!hasNatsServer)('over NATS', () => {
  const args = ({ url }: NatsServer): string[] =>
    `--nats-url ${url} --run-name faults --concurrency 1 --data-dir ${place}`.split(' ');

  test('workers are killed 50 times in one run, at random moments: the same result', async () => {
    const [seed, kills] = [11, 50];
    const { job, plan } = await smallRun(place, { steps: 120, filters: 8, validateEvery: 60 });
    const expected = await outcome(job, plan, inline(await createHandler(job)));
    const server = await NatsServer.start();
    const { transport, told } = await opened(server, job);
    const workers = new Workers(args(server), 3);
    const random = stream(seed, 'weights');
    let killed = 0;
    // A kill falls into the step that follows, somewhere; the step after it is not begun before it fell, so no task loses two workers, let alone three.
    let falling = Promise.resolve();
    const before = async (): Promise<void> => {
      await falling;
      if (killed === kills || random.below(2) === 0) return;
      const victim = await workers.serving(random);
      killed++;
      falling = sleep(40 * random.uniform()).then(() => victim.signal('SIGKILL'));
    };
    const result = await outcome(job, plan, slowed(transport, before));
    await workers.end();
    expect(killed, `seed ${seed}`).toBe(kills);
    expect(result, `seed ${seed}`).toEqual(expected);
    expect(told.filter(line => line.startsWith('joined')).length).toBeGreaterThan(kills);
  });

  test('the server is killed and started again, twice, with all that it kept: the same result', async () => {
    const { job, plan } = await smallRun(place, { steps: 60, filters: 8 });
    const expected = await outcome(job, plan, inline(await createHandler(job)));
    const server = await NatsServer.start();
    const { transport, told } = await opened(server, job, { workers: 2 });
    const workers = new Workers(args(server), 2);
    let restarting = Promise.resolve();
    const result = await outcome(job, plan, transport, step => {
      if (step === 15 || step === 35)
        restarting = (async () => {
          await server.kill();
          await sleep(300);
          await server.start();
        })();
    });
    await restarting;
    await workers.end();
    expect(result).toEqual(expected);
    expect(told.filter(line => /^server: the connection to .* is lost/.test(line))).toHaveLength(2);
    expect(told.filter(line => /^server: connected to .* again/.test(line))).toHaveLength(2);
  });

  test('a task that no worker survives ends the run, with its step, member, seed and the command that runs it alone', async () => {
    const { job, plan } = await smallRun(place);
    const server = await NatsServer.start();
    const { transport } = await opened(server, job, { workers: 0, ackWaitMs: 300 });
    await transport.broadcast(0, someState(plan));
    const answer = transport.run({ kind: 'gradient', step: 2, member: 0, count: 2 });
    answer.catch(() => undefined);
    const intruder = await connect({ servers: server.url });
    const names = namesOf('faults');
    const consumer = await jetstream(intruder).consumers.get(names.tasks, names.consumer);
    for (let deaths = 0; deaths < 3; deaths++) expect(await consumer.next({ expires: 5000 })).not.toBeNull(); // taken, and never heard of again
    await intruder.close();
    const workers = new Workers(args(server), 1);
    await expect(answer).rejects.toMatchObject({
      code: 'lost-task',
      message: expect.stringMatching(
        /^step 2, members 0 to 1, seed 1: .*distill-cluster reproduce --seed 1 --step 2 --member 0$/,
      ),
    });
    await transport.close();
    await workers.end();
  });

  test('a server that does not come back ends the run with exit code 3 and a checkpoint, from which it goes on without one', async () => {
    const server = await NatsServer.start();
    const out = join(place, 'gone');
    const small = [...onSmall(place), ...mixed, '--steps', '60', '--json'];
    const undisturbed = await run([...small, '--transport', 'inline', '--out', join(place, 'whole')]);
    expect([undisturbed.status, undisturbed.stderr]).toEqual([0, '']);
    const flags = [
      '--transport',
      'nats',
      '--nats-url',
      server.url,
      '--run-name',
      'faults',
      '--nats-patience',
      '2',
    ];
    const workers = new Workers([...args(server), '--nats-patience', '2'], 1);
    const coordinator = start([...small, ...flags, '--out', out]);
    await coordinator.until(({ stdout }) => stdout.includes('"step":20,'));
    await server.kill();
    const { status, stderr } = await coordinator.ended;
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^distill-cluster: nats:.*: expected a NATS server with JetStream, found none for 2 s; [^\n]*\n$/,
    );
    await workers.end();
    const resumed = await run(['--resume', out, '--transport', 'inline', '--json']);
    expect([resumed.status, resumed.stderr]).toEqual([0, '']);
    expect(resumed.stdout).toContain('"resumed"');
    const [whole, again] = [await written(join(place, 'whole')), await written(out)];
    expect(again.summary.imagesSha256).toBe(whole.summary.imagesSha256);
  });
});

/** `inner`, with something that is waited for before each step. */
const slowed = (inner: Transport, before: () => Promise<void>): Transport => ({
  name: inner.name,
  get workers() {
    return inner.workers;
  },
  broadcast: async (step, state) => {
    await before();
    await inner.broadcast(step, state);
  },
  run: task => inner.run(task),
  onWorker: listener => inner.onWorker(listener),
  close: () => inner.close(),
});
