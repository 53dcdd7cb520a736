/** @file Which workers a run takes: not those of another program or kind of CPU, not those with other data; and those that have nothing of the run's files. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkOptions, work } from '../../src/worker/entries/nats/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { noticesOf, SmallRuns, shaIn, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import { built, type Program, run, start } from '../fixtures/program.ts';
import { scratch, smallSizes } from '../fixtures/runs.ts';

const runs = new SmallRuns('--models logreg --steps 5');

describe.skipIf(!hasNatsServer)('workers of a run', () => {
  let server: NatsServer;
  let sha: string;
  let own: Pick<WorkOptions, 'program' | 'cpu'>;
  beforeAll(async () => {
    server = await NatsServer.start();
    sha = await runs.prepare();
    const { name, version, cpuKind } = (await import(
      built('version.js').href
    )) as typeof import('../../src/version.ts');
    own = { program: `${name} ${version}`, cpu: cpuKind() };
  });

  /** A worker that says of itself what `as` says, on this thread. @returns what it told, and how it ended */
  const pretend = async (
    name: string,
    as: Partial<WorkOptions>,
  ): Promise<{ told: string[]; error?: unknown }> => {
    const told: string[] = [];
    const module = (await import(built('worker/entries/nats/index.js').href)) as { work: typeof work };
    const { openTransport } = (await import(
      built('transport.js').href
    )) as typeof import('../../src/transport.ts');
    const { planOf } = (await import(
      built('shared/config/index.js').href
    )) as typeof import('../../src/shared/config/index.ts');
    const executor: WorkOptions['executor'] = (job, workers) => {
      const here = { ...job, config: { ...job.config, transport: 'threads' as const } };
      return openTransport({ job: here, plan: planOf(here), workers });
    };
    const settings = { natsUrl: server.url, natsPatience: 5, runName: name };
    const options = {
      settings,
      once: true,
      threads: 1,
      executor,
      ...own,
      tell: (text: string) => told.push(text),
      ...as,
    };
    return module.work(options).then(
      () => ({ told }),
      error => ({ told, error }),
    );
  };
  const finished = async ([coordinator, out]: [Program, string]): Promise<string[]> => {
    const { status, stdout, stderr } = await coordinator.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(await shaIn(out)).toBe(sha);
    return noticesOf(stdout);
  };

  test('another version and another kind of CPU are refused, one line on each side', async () => {
    const coordinator = runs.coordinator(server.url, 'a');
    const impostors = { program: 'distill-cluster 99.0.0', cpu: 'linux-x64-sse4' };
    for (const [what, value] of Object.entries(impostors)) {
      const { error } = await pretend('a', { [what]: value });
      expect(error).toMatchObject({ code: 'usage', exitCode: 2, message: expect.stringContaining(value) });
      expect((error as Error).message).not.toContain('\n');
    }
    await pretend('a', {});
    const refused = (await finished(coordinator)).filter(message => message.includes('refused'));
    expect(refused).toEqual([
      expect.stringMatching(/it runs distill-cluster 99/),
      expect.stringMatching(/kind linux-x64-sse4/),
    ]);
  });

  test('with --mixed-cpus another CPU is accepted, and announced', async () => {
    const coordinator = runs.coordinator(server.url, 'b', ['--mixed-cpus']);
    expect((await pretend('b', { cpu: 'another' })).error).toBeUndefined();
    expect((await finished(coordinator)).join('\n')).toMatch(/has a CPU of the kind another, here it is/);
  });

  test('a worker that was given other data ends with both checksums; the right ones are read where they are', async () => {
    const other = scratch();
    await writeIdxSet(other, { ...smallSizes, seed: 2 });
    const coordinator = runs.coordinator(server.url, 'c');
    const { status, stderr } = await worker(server.url, ['--run-name', 'c', '--quiet', '--data-dir', other])
      .ended;
    expect(stderr).toMatch(
      /^distill-cluster: mnist: expected the run's mnist, checksum [0-9a-f]{12}…, found other data, checksum [0-9a-f]{12}…; .*\n$/,
    );
    expect(status).toBe(2);
    const right = worker(server.url, ['--run-name', 'c', '--once', '--data-dir', runs.data]);
    await finished(coordinator);
    expect((await right.ended).stderr).not.toContain('over NATS');
  });

  test('data, models and pre-trained networks of the coordinator’s user reach a worker that has none of the files', async () => {
    const place = scratch();
    mkdirSync(join(place, 'files'));
    const rows = Array.from({ length: 500 }, (_, i) =>
      [...Array(16).keys()]
        .map(p => (p * (i % 3) * 7 + i) % 256)
        .concat(i % 3)
        .join(','),
    );
    writeFileSync(join(place, 'files/set.csv'), rows.join('\n'));
    const net = [{ layer: 'dense', units: 6 }, { layer: 'tanh' }, { layer: 'dense', units: 'classes' }];
    writeFileSync(
      join(place, 'files/mynet.json'),
      JSON.stringify({ layers: [{ layer: 'flatten' }, ...net] }),
    );
    const flags = '--dataset ./files/set.csv --validation 30 --models ./files/mynet.json'.split(' ');
    const at = { cwd: place };
    const nets = './files/nets.safetensors';
    const trained = await run(
      ['pretrain', ...flags, '--nets', '4', '--train-epochs', '1', '--out', nets],
      at,
    );
    expect(trained.status, trained.stderr).toBe(0);
    const judged = '--batch-size 20 --eval-nets 2 --steps 3 --json'.split(' ');
    const job = [...flags, ...judged, '--init', `pretrained:${nets}`];
    const inline = await run([...job, '--transport', 'inline', '--out', 'inline'], at);
    expect([inline.status, inline.stderr]).toEqual([0, '']);
    const nats = ['--transport', 'nats', '--nats-url', server.url, '--run-name', 'd', '--out', 'nats'];
    const coordinator = start([...job, ...nats], at);
    await coordinator.until(({ stdout }) => stdout.includes('waits for workers'));
    renameSync(join(place, 'files'), join(place, 'elsewhere')); // nobody can open them any more
    const helper = worker(server.url, ['--run-name', 'd', '--once'], { cwd: scratch() });
    const { status, stderr } = await coordinator.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(await shaIn(join(place, 'nats'))).toBe(await shaIn(join(place, 'inline')));
    expect((await helper.ended).status).toBe(0);
  });
});
