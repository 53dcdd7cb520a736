/** @file Workers that join a run over NATS at an awkward moment: while others fetch the same data, just after the server lost them, just before the coordinator is gone. */
import { connect, type Msg } from '@nats-io/transport-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeJob } from '../../src/shared/job/index.ts';
import {
  decodeNote,
  encodeNote,
  getObject,
  type Link,
  linkTo,
  type NatsSettings,
  namesOf,
  putObject,
} from '../../src/shared/nats/index.ts';
import { jobHere } from '../../src/worker/entries/nats/data.ts';
import { SmallRuns, shaIn, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import { scratch } from '../fixtures/runs.ts';
import { smallRun } from '../fixtures/smallRun.ts';

const settings = ({ url }: NatsServer, runName: string): NatsSettings =>
  ({ natsUrl: url, natsPatience: 10, runName }) as NatsSettings;

describe.skipIf(!hasNatsServer)('joining', () => {
  const place = scratch();
  let server: NatsServer;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  const linked = (run: string, side: 'coordinator' | 'worker'): Promise<Link> =>
    linkTo(settings(server, run), { name: side, side });

  test('an object that is put again stays whole for whoever reads it', async () => {
    const { bucket } = namesOf('objects');
    const [writer, reader] = [await linked('objects', 'coordinator'), await linked('objects', 'worker')];
    const bytes = new Uint8Array(8 << 20).map((_, i) => i >> 10);
    await putObject(writer, bucket, 'data', bytes);
    let reading = true;
    const writing = (async () => {
      while (reading) await putObject(writer, bucket, 'data', bytes);
    })();
    for (let read = 0; read < 20; read++) {
      const got = await getObject(reader, bucket, 'data', bytes.length);
      expect(got !== undefined && Buffer.compare(got, bytes) === 0, `read number ${read + 1}`).toBe(true);
    }
    reading = false;
    await writing;
    await Promise.all([writer.close(), reader.close()]);
  });

  test('data that the server lost once they were uploaded are asked for again; not without end', async () => {
    const { job } = await smallRun(place);
    const { frame, blobs } = describeJob(job);
    const names = namesOf('lost');
    const [desk, link] = [await linked('lost', 'coordinator'), await linked('lost', 'worker')];
    let [asked, losses] = [0, 2];
    const answered = async (message: Msg): Promise<void> => {
      const { sha256 } = decodeNote(message.data, 'want');
      const [object, { bytes }] =
        asked++ < losses ? ['another', blobs[0]!] : [sha256, blobs.find(b => b.sha256 === sha256)!];
      await putObject(desk, names.bucket, object, bytes);
      message.respond(encodeNote({ type: 'have' }));
    };
    desk.connection.subscribe(names.want, { callback: (_, message) => void answered(message) });
    const supply = { link, names, worker: 'w', tell: () => undefined };
    expect((await jobHere(frame, supply)).data.checksum).toBe(job.data.checksum);
    expect(asked).toBe(3);
    losses = Infinity;
    await desk.streams.streams.purge(`OBJ_${names.bucket}`);
    await expect(jobHere(frame, supply)).rejects.toThrow(
      /expected its bytes in the object store, found none/,
    );
    await Promise.all([desk.close(), link.close()]);
  });

  test('a coordinator that welcomes a worker and is killed: the worker says so, waits, and serves the next', async () => {
    const runs = new SmallRuns('--models logreg:2 --steps 5');
    const sha = await runs.prepare();
    const [names, epoch] = [namesOf('gone'), 'of-the-dead'];
    const connection = await connect({ servers: server.url });
    const { job } = await smallRun(place, { steps: 3 });
    connection.subscribe(names.join, {
      callback: (_, message) =>
        void message.respond(encodeNote({ type: 'welcome', epoch, job: describeJob(job).frame })),
    });
    const beating = setInterval(() => {
      connection.publish(names.beat, encodeNote({ type: 'beat', epoch, program: 'p' }));
    }, 100);
    const helper = worker(server.url, ['--run-name', 'gone', '--once']);
    await helper.until(({ stderr }) => stderr.includes('run gone cannot be joined now'));
    clearInterval(beating);
    await connection.close();
    const [coordinator, out] = runs.coordinator(server.url, 'gone');
    expect((await coordinator.ended).status).toBe(0);
    expect(await shaIn(out)).toBe(sha);
    const { status, stderr } = await helper.ended;
    expect([status, stderr.match(/serving run/g)]).toEqual([0, ['serving run']]);
  });
});
