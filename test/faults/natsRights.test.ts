/** @file Who has no right to a run gets nowhere: without credentials, with wrong ones, with those of another run, and a worker that plays coordinator. The configuration is the one
 *  in docs/nats.md. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeNote, namesOf } from '../../src/shared/nats/index.ts';
import { asUser, configOf, noticesOf, SmallRuns, shaIn, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';

const night = namesOf('night');
const runs = new SmallRuns('--models logreg:2 --steps 40');
const config = `accounts {\n${configOf('night')}\n${configOf('noon')}\n}`;

/** What only one side of the run may do, or neither: everything an intruder would try. */
const toHear = [...subjects('beat', 'state', 'task', 'join', 'want', 'result', 'pulse', 'lead', 'claim')];
const inboxes = ['_INBOX.>', '_INBOX.night.>', '_INBOX.night.coordinator.>', '_INBOX.night.worker.>'];
const apis = [
  ...[night.tasks, night.kept, `OBJ_${night.bucket}`].flatMap(stream =>
    ['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'INFO', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE'].map(
      what => `$JS.API.STREAM.${what}.${stream}`,
    ),
  ),
  `$JS.API.CONSUMER.DELETE.${night.tasks}.workers`,
  `$JS.API.CONSUMER.CREATE.${night.tasks}`,
  `$JS.API.CONSUMER.CREATE.${night.kept}.mine`,
  `$JS.API.CONSUMER.CREATE.OBJ_${night.bucket}.mine`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${night.tasks}.mine`,
  `$JS.API.DIRECT.GET.${night.kept}`,
  '$JS.API.STREAM.CREATE.mine',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.NAMES',
];
const ofWorkers = [
  ...subjects('join', 'want', 'result', 'pulse'),
  `$JS.API.CONSUMER.MSG.NEXT.${night.tasks}.workers`,
  `$JS.API.CONSUMER.INFO.${night.tasks}.workers`,
  `$JS.ACK.${night.tasks}.workers.1.1.1.1.0`,
  `$JS.API.DIRECT.GET.${night.kept}.${night.state}`,
  `$JS.API.DIRECT.GET.OBJ_${night.bucket}`,
];
const ofCoordinators = [
  ...subjects('beat', 'state', 'task', 'claim', 'lead'),
  `$O.${night.bucket}.M.x`,
  `$JS.API.DIRECT.GET.${night.kept}.${night.claim}`,
];

function subjects(...of: (keyof typeof night)[]): string[] {
  return of.map(what => night[what]);
}

/** Everything that a client heard or was refused. */
class Intruder {
  readonly heard: string[] = [];
  readonly refused = new Set<string>();

  constructor(readonly connection: NatsConnection) {
    void this.watch();
  }

  listen(on: readonly string[]): void {
    for (const subject of on)
      this.connection.subscribe(subject, {
        callback: (error, message) => {
          if (!error) this.heard.push(message.subject);
        },
      });
  }

  /** Says something on each, with a reply where only its own inbox would hear it. */
  async say(on: readonly string[], note: Uint8Array): Promise<void> {
    for (const subject of on) this.connection.publish(subject, note, { reply: '_INBOX.noon.worker.x' });
    await this.connection.flush();
    await this.connection.flush(); // refusals come before the second pong
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status())
      if (status.type === 'error') this.refused.add(/to "(\S+)"/.exec(status.error.message)?.[1] ?? '');
  }
}

const userOf = (name: string, side: 'coordinator' | 'worker'): { user: string; pass: string } => {
  const [, user, , pass] = asUser(name, side);
  return { user: user!, pass: pass! };
};

describe.skipIf(!hasNatsServer)('with the rights of docs/nats.md', () => {
  let server: NatsServer;
  let sha: string;
  beforeAll(async () => {
    server = await NatsServer.start({ config });
    sha = await runs.prepare();
  });

  const strangers = {
    'without credentials': [],
    'with a wrong password': ['--nats-user', 'night-worker', '--nats-password', 'Guess-17'],
    'as a user that is none': ['--nats-user', 'Mallory', '--nats-password', 'Guess-17'],
    'with a token instead': ['--nats-token', 'Guess-17'],
  };
  test.each(Object.entries(strangers))(
    '%s neither half comes in: exit code 2, one line',
    async (_, flags) => {
      const [coordinator] = runs.coordinator(server.url, 'night', flags);
      const [ended, other] = await Promise.all([
        worker(server.url, ['--run-name', 'night', ...flags]).ended,
        coordinator.ended,
      ]);
      for (const { status, stderr } of [ended, other]) {
        expect(status).toBe(2);
        expect(stderr).toMatch(/^distill-cluster: nats:\/\/127\.0\.0\.1:\d+: expected credentials .*\n$/);
        expect(stderr).not.toContain('Guess-17');
      }
      await expect(connect({ servers: server.url, user: 'night-worker', pass: 'Guess-17' })).rejects.toThrow(
        /authoriz/i,
      );
    },
  );

  const misfits = {
    'another run’s worker': [...asUser('noon', 'worker')],
    'the run’s coordinator, as a worker': [...asUser('night', 'coordinator')],
  };
  test.each(Object.entries(misfits))('%s ends with the subject that it may not hear', async (_, flags) => {
    const { status, stderr } = await worker(server.url, ['--run-name', 'night', '--quiet', ...flags]).ended;
    expect(stderr).toMatch(
      /^distill-cluster: .*expected the right to .* (distill\.night\.|_INBOX\.night\.).*\n$/,
    );
    expect(status).toBe(2);
  });

  test.each([asUser('noon', 'coordinator'), asUser('night', 'worker')])(
    'a coordinator as %s %s ends with the subject that it may not use',
    async (...flags) => {
      const { status, stderr } = await runs.coordinator(server.url, 'night', flags)[0].ended;
      expect(stderr).toMatch(/^distill-cluster: .*expected the right to .*night.*\n$/);
      expect(status).toBe(2);
    },
  );

  /** Rights that are first needed when the connection has long been made, by the side that lacks them. */
  const lacking = {
    'distill.lacks.pulse': 'worker',
    'distill.lacks.result': 'worker',
    '$JS.API.CONSUMER.MSG.NEXT.distill-lacks-tasks.workers': 'worker',
    'distill.lacks.state': 'coordinator',
  } as const;
  test.each(Object.entries(lacking))(
    'without the right to %s the %s ends, and says so',
    async (subject, side) => {
      const [coordinators = '', workers = ''] = configOf('lacks').split(/(?=user: lacks-worker)/);
      const without = (user: string): string => user.replace(`"${subject}"`, '"nothing"');
      const users = side === 'worker' ? coordinators + without(workers) : without(coordinators) + workers;
      const poor = await NatsServer.start({ config: `accounts {\n${users}\n}` });
      const [coordinator] = runs.coordinator(poor.url, 'lacks', asUser('lacks', 'coordinator'));
      const flags = ['--run-name', 'lacks', '--quiet', '--data-dir', runs.data];
      const working = worker(poor.url, [...flags, ...asUser('lacks', 'worker')]);
      const half = side === 'worker' ? working : coordinator;
      const { status, stderr } = await half.ended;
      expect(stderr).toMatch(/^distill-cluster: .*expected the right to [^\n]*\n$/);
      expect(stderr).toContain(`expected the right to publish on ${subject}, found`);
      expect(status).toBe(2);
      for (const { child } of [coordinator, working]) child.kill('SIGKILL');
      await poor.stop();
    },
  );

  test('a run goes on undisturbed among intruders who try everything', async () => {
    const [coordinator, out] = runs.coordinator(server.url, 'night', asUser('night', 'coordinator'));
    await coordinator.until(({ stdout }) => stdout.includes('waits for workers'));
    const intruders = await Promise.all(
      [userOf('noon', 'worker'), userOf('noon', 'coordinator'), userOf('night', 'worker')].map(
        async user => new Intruder(await connect({ servers: server.url, ...user })),
      ),
    );
    const [worker1, coordinator1, insider] = intruders as [Intruder, Intruder, Intruder];
    const end = encodeNote({ type: 'end', epoch: 'x' });
    const forbidden = [...apis, ...ofCoordinators];
    for (const stranger of [worker1, coordinator1]) stranger.listen([...toHear, ...inboxes]);
    insider.listen([
      ...subjects('task', 'join', 'want', 'result', 'pulse', 'lead', 'claim'),
      ...inboxes.slice(0, 3),
    ]);

    const working = worker(server.url, ['--run-name', 'night', '--once', ...asUser('night', 'worker')]);
    let over = false;
    void coordinator.ended.then(() => {
      over = true;
    });
    for (let round = 0; round === 0 || !over; round++) {
      for (const stranger of [worker1, coordinator1]) await stranger.say([...forbidden, ...ofWorkers], end);
      await insider.say(forbidden, end);
    }
    const ended = await coordinator.ended;
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(await shaIn(out)).toBe(sha);
    expect((await working.ended).status).toBe(0);
    expect(noticesOf(ended.stdout).filter(message => message.includes('dropped'))).toEqual([]);
    for (const { heard } of intruders) expect(heard).toEqual([]);
    for (const { refused } of [worker1, coordinator1])
      expect([...refused].sort()).toEqual(
        [...new Set([...toHear, ...inboxes, ...forbidden, ...ofWorkers])].sort(),
      );
    expect([...insider.refused].sort()).toEqual(
      [
        ...new Set([
          ...subjects('task', 'join', 'want', 'result', 'pulse', 'lead', 'claim'),
          ...inboxes.slice(0, 3),
          ...forbidden,
        ]),
      ].sort(),
    );
    for (const { connection } of intruders) await connection.close();
  });

  test('a worker cannot have the coordinator write where only that may: replies go to inboxes', async () => {
    const [coordinator, out] = runs.coordinator(server.url, 'night', asUser('night', 'coordinator'));
    await coordinator.until(({ stdout }) => stdout.includes('waits for workers'));
    const connection = await connect({
      servers: server.url,
      ...userOf('night', 'worker'),
      inboxPrefix: '_INBOX.night.worker',
    });
    const join = { type: 'join', worker: 'w', host: 'h', pid: 1, program: 'another', cpu: 'c' } as const;
    for (const reply of subjects('claim', 'state', 'task', 'beat'))
      connection.publish(night.join, encodeNote(join), { reply });
    // the server itself answers wherever it is told to
    for (const reply of subjects('claim', 'state', 'task', 'result'))
      connection.publish(`$JS.API.CONSUMER.INFO.${night.tasks}.workers`, '', { reply });
    await connection.flush();
    const working = worker(server.url, ['--run-name', 'night', '--once', ...asUser('night', 'worker')]);
    const ended = await coordinator.ended;
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    const dropped = noticesOf(ended.stdout).filter(message => message.includes('dropped'));
    expect(dropped).toEqual([expect.stringContaining(`a message on ${night.result} is dropped`)]);
    expect(await shaIn(out)).toBe(sha);
    await working.ended;
    await connection.close();
  });

  test('nothing of a run is left on the server', async () => {
    const connection = await connect({
      servers: server.url,
      ...userOf('night', 'worker'),
      inboxPrefix: '_INBOX.night.worker',
    });
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    await expect(streams.info(night.tasks)).rejects.toThrow(/permission/i);
    const none = jetstream(connection).consumers.get(night.tasks, night.consumer);
    await expect(none.then(() => 'there')).rejects.toThrow(/not found/);
    await connection.close();
  });
});
