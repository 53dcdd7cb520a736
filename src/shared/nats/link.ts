/** @file A live connection, watched: what it is used for stands here once for both sides. In: a connection. Out: lost and back, the end after too long an absence or
 *  for want of a right, and streams. */
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createInbox, type NatsConnection } from '@nats-io/transport-node';
import { type DistillError, messageOf } from '../errors.ts';
import { withoutUser } from './addresses.ts';
import { deniedBy, refusedBy } from './admission.ts';
import { type ConnectOptions, connectTo, unreachable } from './connect.ts';
import type { NatsSettings } from './settings.ts';
import { inboxesOf } from './subjects.ts';

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
  watch(listener: LinkListener): void;
  close(): Promise<void>;
}

/** Room for a note's own fields beside what it carries. */
const headBytes = 4096;

/** @throws as connectTo; 'usage' when we may not hear replies. */
export async function linkTo(settings: NatsSettings, options: ConnectOptions): Promise<Link> {
  const connection = await connectTo(settings, options);
  try {
    await mayHear(connection, inboxesOf(options.side, settings.runName));
    const streams = await jetstreamManager(connection, { checkAPI: false });
    let closed = false;
    void connection.closed().then(() => {
      closed = true;
    });
    return {
      connection,
      streams,
      messages: jetstream(connection, { checkAPI: false }),
      messageBytes: (connection.info?.max_payload ?? 2 ** 20) - headBytes,
      get closed() {
        return closed;
      },
      watch: listener => void watch(connection, settings, listener),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw deniedBy(settings, error) ?? unreachable(settings, messageOf(error));
  }
}

/** Whoever may not hear replies would wait for them for ever. @throws the server's refusal. */
async function mayHear(connection: NatsConnection, prefix: string): Promise<void> {
  let refusal: Error | undefined;
  const callback = (error: Error | null): void => {
    refusal = error ?? undefined;
  };
  const heard = connection.subscribe(createInbox(prefix), { callback });
  await connection.flush(); // a refusal comes before the answer to this
  heard.unsubscribe();
  if (refusal !== undefined) throw refusal;
}

async function watch(
  connection: NatsConnection,
  settings: NatsSettings,
  listener: LinkListener,
): Promise<void> {
  const server = withoutUser(settings.natsUrl);
  let patience: NodeJS.Timeout | undefined;
  let why: DistillError | undefined;
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      listener.tell(`the connection to ${server} is lost; trying again for ${settings.natsPatience} s`);
      patience ??= setTimeout(() => {
        why = unreachable(settings, `none for ${settings.natsPatience} s`);
        void connection.close();
      }, 1000 * settings.natsPatience);
    } else if (status.type === 'reconnect') {
      clearTimeout(patience);
      patience = undefined;
      listener.tell(`connected to ${server} again`);
      listener.back();
    } else if (status.type === 'error') {
      // without a right of ours nothing would go on, and nobody would say why
      why = deniedBy(settings, status.error);
      if (why === undefined) listener.tell(`${server}: ${status.error.message}`);
      else await connection.close();
    }
  }
  clearTimeout(patience);
  const reason = await connection.closed();
  if (reason !== undefined) why ??= refusedBy(settings, reason) ?? unreachable(settings, messageOf(reason));
  if (why !== undefined) listener.gone(why);
}
