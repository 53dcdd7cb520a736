/** @file A connection to a NATS server, from options to a live client. In: options. Out: a connection that comes back by itself after the server was away. Failures are told apart:
 *  who may not come in (2), and a server that is not there (3). Knows no run. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  TimeoutError,
} from '@nats-io/transport-node';
import { DistillError, messageOf } from '../errors.ts';
import { addressesOf, withoutUser } from './addresses.ts';
import { refusedBy } from './admission.ts';
import { authenticatorOf, tlsOf } from './credentials.ts';
import { asksForCertificate } from './greeting.ts';
import type { NatsSettings } from './settings.ts';
import { inboxesOf, type Side } from './subjects.ts';

export interface ConnectOptions {
  /** Of the client, as the server's monitoring shows it. */
  readonly name: string;
  readonly side: Side;
  /** Whether to wait for a server that is not there yet, as long as one that went away. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between attempts to come back: doubled up to the last, with a random share so that a thousand workers do not come at once. */
const backoffMs = { first: 100, last: 5000 };

/** Connects. A connection that is lost later is tried again without end: who uses it sets the limit (`natsPatience`).
 *  @throws DistillError 'usage' for wrong credentials or certificates or a file that cannot be read, 'unreachable' when no server answers; the signal's reason. */
export async function connectTo(settings: NatsSettings, options: ConnectOptions): Promise<NatsConnection> {
  const wanted = await clientOptions(settings, options);
  const until = performance.now() + 1000 * settings.natsPatience;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await connect(wanted);
    } catch (cause) {
      const refused = refusedBy(settings, cause);
      if (refused !== undefined) throw refused;
      if (cause instanceof TimeoutError && (await asksForCertificate(wanted.servers[0]!)))
        throw noCertificate(settings, cause);
      const pause = backoff(attempt);
      if (!options.wait || performance.now() + pause > until) throw unreachable(settings, messageOf(cause));
      await sleep(pause, undefined, { signal: options.signal });
    }
  }
}

async function clientOptions(
  settings: NatsSettings,
  { name, side }: ConnectOptions,
): Promise<NodeConnectionOptions & { servers: string[] }> {
  const addresses = addressesOf(settings.natsUrl);
  const { servers, user, password } = addresses;
  const { env } = process;
  const pass = settings.natsPassword ?? password ?? env.DISTILL_CLUSTER_NATS_PASSWORD;
  const token = settings.natsToken ?? env.DISTILL_CLUSTER_NATS_TOKEN;
  const asUser = settings.natsUser ?? user;
  const authenticator = await authenticatorOf(settings);
  const tls = await tlsOf(settings, addresses);
  let failures = 0;
  return {
    name,
    servers: [...servers],
    inboxPrefix: inboxesOf(side, settings.runName),
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => backoff(failures++ % 16),
    pingInterval: 20_000, // a peer that vanished without a word is noticed in a minute
    noAsyncTraces: true,
    timeout: 5000, // of one attempt
    ...(authenticator && { authenticator }),
    ...(asUser !== undefined && { user: asUser, pass: pass ?? '' }),
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
  };
}

const backoff = (attempt: number): number =>
  Math.min(backoffMs.last, backoffMs.first * 2 ** Math.min(attempt, 16)) * (0.75 + Math.random() / 2);

const noCertificate = ({ natsUrl, natsCert }: NatsSettings, cause: Error): DistillError =>
  new DistillError(
    'usage',
    withoutUser(natsUrl),
    {
      expected: 'TLS with a certificate of ours that the server accepts',
      found: natsCert ?? 'none',
      fix: 'check --nats-cert, --nats-key',
    },
    { cause },
  );

/** A server that is not there, or went away and did not come back. */
export const unreachable = ({ natsUrl }: NatsSettings, found: string): DistillError =>
  new DistillError('unreachable', withoutUser(natsUrl), {
    expected: 'a NATS server with JetStream',
    found,
    fix: 'start it (nats-server -js), or correct --nats-url',
  });
