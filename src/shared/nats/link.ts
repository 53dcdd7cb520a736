/** @file A live connection, watched: what it is used for stands here once for both sides. In: a connection. Out: lost and back, the end after too long an absence, streams, and
 *  objects larger than a message. */
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type ObjectStore, Objm } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { type DistillError, messageOf } from '../errors.ts';
import { type ConnectOptions, connectTo, type NatsSettings, unreachable, withoutUser } from './connect.ts';

export interface LinkListener {
  /** Something a person should know. */
  tell(message: string): void;
  /** The server is back: what it may have lost is to be made again. */
  back(): void;
  /** The connection is gone for good, for that reason; not called by `close`. */
  gone(error: DistillError): void;
}

/** A connection and what is used over it. */
export interface Link {
  readonly connection: NatsConnection;
  readonly streams: JetStreamManager;
  readonly messages: JetStreamClient;
  /** Bytes that a message may have: what the server allows, less our head. */
  readonly messageBytes: number;
  /** Whether it is closed, by us or for good. */
  readonly closed: boolean;
  /** An object store. `make`: made if it is not there; `anew`: looked for again. */
  store(bucket: string, make?: boolean, anew?: boolean): Promise<ObjectStore>;
  watch(listener: LinkListener): void;
  close(): Promise<void>;
}

/** Room for a note's own fields beside what it carries. */
const headBytes = 4096;

/** @throws as connectTo; 'unreachable' when the server has no JetStream. */
export async function linkTo(settings: NatsSettings, options: ConnectOptions): Promise<Link> {
  const connection = await connectTo(settings, options);
  try {
    const streams = await jetstreamManager(connection, { checkAPI: false });
    let closed = false;
    void connection.closed().then(() => {
      closed = true;
    });
    return {
      connection,
      streams,
      messages: jetstream(connection),
      messageBytes: (connection.info?.max_payload ?? 2 ** 20) - headBytes,
      get closed() {
        return closed;
      },
      store: stores(connection),
      watch: listener => void watch(connection, settings, listener),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw unreachable(settings, messageOf(error));
  }
}

async function watch(
  connection: NatsConnection,
  settings: NatsSettings,
  listener: LinkListener,
): Promise<void> {
  const server = withoutUser(settings.natsUrl);
  let patience: NodeJS.Timeout | undefined;
  let why: string | undefined;
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      listener.tell(`the connection to ${server} is lost; trying again for ${settings.natsPatience} s`);
      patience ??= setTimeout(() => {
        why = `none for ${settings.natsPatience} s`;
        void connection.close();
      }, 1000 * settings.natsPatience);
    } else if (status.type === 'reconnect') {
      clearTimeout(patience);
      patience = undefined;
      listener.tell(`connected to ${server} again`);
      listener.back();
    } else if (status.type === 'error') {
      listener.tell(`${server}: ${status.error.message}`);
    }
  }
  clearTimeout(patience);
  const reason = await connection.closed();
  if (why !== undefined || reason !== undefined)
    listener.gone(unreachable(settings, why ?? messageOf(reason)));
}

/** The bytes of object `name`, or undefined when there is none. @throws RangeError for one of more than `limit` bytes. */
export async function getObject(
  link: Link,
  bucket: string,
  name: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  const store = await link.store(bucket);
  const info = await store.info(name);
  if (info === null || info.deleted) return undefined;
  if (info.size > limit) throw new RangeError(`an object of ${info.size} bytes, more than ${limit}`);
  return (await store.getBlob(name)) ?? undefined;
}

/** Puts `bytes` as object `name` into the bucket, which is made if it is not there. Kept in the server's memory. */
export async function putObject(link: Link, bucket: string, name: string, bytes: Uint8Array): Promise<void> {
  const store = await link.store(bucket, true);
  try {
    await store.putBlob({ name }, bytes, { timeout: 30_000 });
  } catch {
    const again = await link.store(bucket, true, true); // the server may have lost the bucket
    await again.putBlob({ name }, bytes, { timeout: 30_000 });
  }
}

/** Removes object `name`, if it is there. */
export async function dropObject(link: Link, bucket: string, name: string): Promise<void> {
  await link
    .store(bucket)
    .then(store => store.delete(name))
    .catch(() => undefined);
}

/** The stores of a connection, each opened once. */
function stores(connection: NatsConnection): Link['store'] {
  const manager = new Objm(connection);
  const known = new Map<string, Promise<ObjectStore>>();
  return (bucket, make = false, anew = false) => {
    const open = (): Promise<ObjectStore> =>
      (make ? manager.create(bucket, { storage: 'memory' }) : manager.open(bucket)).catch(error => {
        known.delete(bucket);
        throw error;
      });
    const store = anew ? open() : (known.get(bucket) ?? open());
    known.set(bucket, store);
    return store;
  };
}
