/** @file Runs that share a server: they do not mix, one coordinator leads each, a small message limit changes nothing, and neither does whatever else is said on their subjects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeAnswer, encodeFrame, encodeTask } from '../../src/shared/messages/index.ts';
import { decodeNote, encodeNote, type Note, namesOf } from '../../src/shared/nats/index.ts';
import { stream } from '../../src/shared/random/index.ts';
import { noticesOf, SmallRuns, shaIn, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import type { Program } from '../fixtures/program.ts';

const [runs, others] = [
  new SmallRuns('--models logreg:2 --steps 40'),
  new SmallRuns('--models logreg --steps 9 --seed 2'),
];
const large = new SmallRuns('--models logreg:2 --steps 3 --images-per-class 100');

const waiting = (coordinator: Program): Promise<void> =>
  coordinator.until(({ stdout }) => stdout.includes('waits for workers'));
const stepping = (coordinator: Program, step: number): Promise<void> =>
  coordinator.until(({ stdout }) => stdout.includes(`"step":${step},`));

describe.skipIf(!hasNatsServer)('runs on one server', () => {
  let server: NatsServer;
  let sha: string;
  beforeAll(async () => {
    server = await NatsServer.start();
    sha = await runs.prepare();
  });

  const ends = async ([coordinator, out]: [Program, string], expected: string): Promise<string[]> => {
    const { status, stdout, stderr } = await coordinator.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(await shaIn(out)).toBe(expected);
    return noticesOf(stdout);
  };

  test('two at the same time do not mix; a worker without a name serves one after the other', async () => {
    const otherSha = await others.prepare();
    expect(otherSha).not.toBe(sha);
    const two = [runs.coordinator(server.url, 'a'), others.coordinator(server.url, 'b')] as const;
    const any = worker(server.url, []);
    await Promise.all([ends(two[0], sha), ends(two[1], otherSha)]);
    any.signal('SIGINT');
    const { stderr } = await any.ended;
    for (const name of 'ab') expect(stderr).toContain(`serving run ${name}:`);
  });

  test('a second coordinator is refused at once and names the first; a killed one is replaced at once', async () => {
    const both = [runs.coordinator(server.url, 'c'), runs.coordinator(server.url, 'c')];
    const loser = await Promise.race(both.map(async ([program], i) => ({ i, ...(await program.ended) })));
    const [first] = both[1 - loser.i]!;
    await waiting(first);
    const third = await runs.coordinator(server.url, 'c')[0].ended;
    for (const { status, stderr } of [loser, third]) {
      expect(stderr).toMatch(
        /^distill-cluster: run c: expected a run that no other coordinator leads, found one on .*\n$/,
      );
      expect(stderr).toContain(`process ${first.child.pid}`);
      expect(status).toBe(2);
    }
    first.signal('SIGKILL');
    await first.ended;
    const began = performance.now();
    const heir = runs.coordinator(server.url, 'c');
    await waiting(heir[0]);
    expect(performance.now() - began).toBeLessThan(15_000); // it does not wait for a dead one's silence
    const helper = worker(server.url, ['--run-name', 'c', '--once']);
    await ends(heir, sha);
    await helper.ended;
  });

  test('one that was stopped, replaced, and goes on ends with a line; the other is undisturbed', async () => {
    const helper = worker(server.url, ['--run-name', 'd']);
    const [old] = runs.coordinator(server.url, 'd');
    await stepping(old, 3);
    old.signal('SIGSTOP');
    const heir = runs.coordinator(server.url, 'd');
    await stepping(heir[0], 3);
    old.signal('SIGCONT');
    const { status, stderr } = await old.ended;
    expect(stderr).toMatch(/^distill-cluster: run d: expected a run that no other .*that took over.*\n$/);
    expect(status).toBe(2);
    await ends(heir, sha);
    helper.signal('SIGINT');
    await helper.ended;
  });

  test('states and answers beyond the server’s message limit', async () => {
    const small = await NatsServer.start({ config: 'max_payload: 65536' });
    const expected = await large.prepare();
    const helper = worker(small.url, ['--run-name', 'e', '--once']);
    const notices = await ends(large.coordinator(small.url, 'e'), expected);
    expect(notices.filter(message => message.includes('dropped'))).toEqual([]);
    expect((await helper.ended).status).toBe(0);
  });

  test('foreign messages on every subject are dropped, told once for each, and change nothing', async () => {
    const names = namesOf('f');
    const connection = await connect({ servers: server.url });
    const heard = new Promise<string>(resolve => {
      connection.subscribe(names.beat, {
        max: 1,
        callback: (_, { data }) => resolve(decodeNote(data, 'beat').epoch),
      });
    });
    const run = runs.coordinator(server.url, 'f');
    const epoch = await heard;
    const helper = worker(server.url, ['--run-name', 'f', '--once']);
    const random = stream(7, 'images', 0);
    const bytes = (): Uint8Array =>
      Uint8Array.from({ length: Math.floor(random.uniform() * 200) }, () => random.uniform() * 256);
    const say = (subject: string, data: Uint8Array): void =>
      connection.publish(subject, data, { reply: '_INBOX.nobody' });
    const subjects = [
      names.join,
      names.want,
      names.pulse,
      names.result,
      names.beat,
      names.lead,
      names.state,
      names.task,
    ];
    const part = { type: 'result', epoch, worker: 'w', part: 0, parts: 1, bytes: new Uint8Array(9) } as const;
    const odd: (readonly [string, object])[] = [
      [names.pulse, { type: 'pulse', epoch, worker: 'w', host: 'h', threads: 0 }],
      [names.pulse, { type: 'leave', epoch, worker: 'nobody' }],
      [names.join, { type: 'join', worker: 'w' }],
      [names.want, { type: 'want', worker: 'w', sha256: '0'.repeat(64) }],
      [names.task, { type: 'task', epoch, version: 1, call: 999_999, task: bytes() }],
      [
        names.task,
        {
          type: 'task',
          epoch: 'another',
          version: 1,
          call: 1,
          task: encodeTask({ kind: 'gradient', step: 1, member: 0, count: 1 }),
        },
      ],
      [names.state, { type: 'state', epoch: 'another', version: 9_999, step: 3, state: new Uint8Array(9) }],
    ];
    let over = false;
    void run[0].ended.then(() => {
      over = true;
    });
    for (let call = 1; !over; call += 3) {
      for (const subject of subjects) say(subject, bytes());
      for (const subject of subjects) say(subject, encodeFrame('answer', { call }));
      for (const [subject, note] of odd) say(subject, encodeNote(note as Note));
      const answer = encodeAnswer({ gradients: [{ loss: 1 }] } as never);
      for (const wrong of [
        {},
        { bytes: answer },
        { part: 5, parts: 2 },
        { part: 1, parts: 4096 },
        { parts: 99_999 },
      ])
        for (const n of [call, call + 1, call + 2])
          say(names.result, encodeNote({ ...part, ...wrong, call: n }));
      await connection.flush();
      await sleep(20);
    }
    const dropped = (await ends(run, sha)).filter(message => message.includes('dropped'));
    const on = dropped.map(message => /a message on distill\.f\.(\w+) is dropped/.exec(message)?.[1]);
    expect(on.sort()).toEqual(['beat', 'join', 'pulse', 'result', 'want']);
    const { stderr } = await helper.ended;
    expect(stderr.match(/a message on \S+ is dropped/g)?.sort()).toEqual(
      [names.beat, names.state, names.task].map(subject => `a message on ${subject} is dropped`),
    );
    await connection.close();
  });
});
