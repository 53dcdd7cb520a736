/** @file A connection to a NATS server, from options to a live client. In: options. Out: a connection that comes back by itself after the server was away. Failures are told apart:
 *  who may not come in (2), and a server that is not there (3). Knows no run. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Authenticator,
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import type { Config } from '../config/index.ts';
import { DistillError, messageOf } from '../errors.ts';
import { inboxesOf } from './subjects.ts';

/** Where and as whom; docs/options.md. */
export type NatsSettings = Pick<
  Config,
  | 'natsUrl'
  | 'natsUser'
  | 'natsPassword'
  | 'natsToken'
  | 'natsCreds'
  | 'natsNkey'
  | 'natsCa'
  | 'natsCert'
  | 'natsKey'
  | 'natsPatience'
  | 'runName'
>;

export interface ConnectOptions {
  /** Of the client, as the server's monitoring shows it. */
  readonly name: string;
  /** Whether to wait for a server that is not there yet, as long as one that went away. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between attempts to come back: doubled up to the last, with a random share so that a thousand workers do not come at once. */
const backoffMs = { first: 100, last: 5000 };

/** Connects. A connection that is lost later is tried again without end: who uses it sets the limit (`natsPatience`).
 *  @throws DistillError 'usage' for wrong credentials or a file that cannot be read, 'unreachable' when no server answers; the signal's reason. */
export async function connectTo(settings: NatsSettings, options: ConnectOptions): Promise<NatsConnection> {
  const wanted = await clientOptions(settings, options.name);
  const until = performance.now() + 1000 * settings.natsPatience;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await connect(wanted);
    } catch (cause) {
      if (cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError)
        throw notAdmitted(settings, cause);
      const pause = backoff(attempt);
      if (!options.wait || performance.now() + pause > until) throw unreachable(settings, messageOf(cause));
      await sleep(pause, undefined, { signal: options.signal });
    }
  }
}

async function clientOptions(settings: NatsSettings, name: string): Promise<NodeConnectionOptions> {
  const { servers, user, password } = addressesOf(settings.natsUrl);
  const { env } = process;
  const pass = settings.natsPassword ?? password ?? env.DISTILL_CLUSTER_NATS_PASSWORD;
  const token = settings.natsToken ?? env.DISTILL_CLUSTER_NATS_TOKEN;
  const asUser = settings.natsUser ?? user;
  const authenticator = await authenticatorOf(settings);
  const tls = await tlsOf(settings);
  let failures = 0;
  return {
    name,
    servers,
    inboxPrefix: inboxesOf(settings.runName),
    maxReconnectAttempts: -1,
    reconnectDelayHandler: () => backoff(failures++ % 16),
    pingInterval: 20_000, // a peer that vanished without a word is noticed in a minute
    noAsyncTraces: true,
    ...(authenticator && { authenticator }),
    ...(asUser !== undefined && { user: asUser, pass: pass ?? '' }),
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
  };
}

const backoff = (attempt: number): number =>
  Math.min(backoffMs.last, backoffMs.first * 2 ** Math.min(attempt, 16)) * (0.75 + Math.random() / 2);

/** 'nats://user:password@host:4222,host2' → addresses, and who is named in the first. */
function addressesOf(natsUrl: string): { servers: string[]; user?: string; password?: string } {
  const urls = natsUrl.split(',').map(part => {
    const text = part.trim();
    try {
      return new URL(/^[a-z]+:\/\//.test(text) ? text : `nats://${text}`);
    } catch {
      throw new DistillError('usage', 'natsUrl', {
        expected: 'addresses such as nats://host:4222',
        found: withoutUser(natsUrl),
        fix: 'correct the address',
      });
    }
  });
  const [{ username, password } = { username: '', password: '' }] = urls;
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    ...(username && { user: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
  };
}

/** The address as it may be shown. */
export const withoutUser = (natsUrl: string): string => natsUrl.replace(/\/\/[^@/,]*@/g, '//…@');

async function authenticatorOf({ natsCreds, natsNkey }: NatsSettings): Promise<Authenticator | undefined> {
  if (natsCreds !== undefined) return credsAuthenticator(await secretFile('natsCreds', natsCreds));
  if (natsNkey === undefined) return undefined;
  const seed = Buffer.from(await secretFile('natsNkey', natsNkey))
    .toString()
    .trim();
  try {
    const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
    authenticator('nonce'); // a seed that is none is known now
    return authenticator;
  } catch (cause) {
    throw badFile('natsNkey', natsNkey, 'a file with an nkey seed (SU…)', messageOf(cause), cause);
  }
}

async function tlsOf({
  natsCa,
  natsCert,
  natsKey,
}: NatsSettings): Promise<NodeConnectionOptions['tls'] | undefined> {
  const files = { ca: natsCa, cert: natsCert, key: natsKey };
  const given = Object.entries(files).filter(([, path]) => path !== undefined);
  if (given.length === 0) return undefined;
  const read = given.map(async ([name, path]) => [
    name,
    Buffer.from(await secretFile(`nats ${name}`, path!)).toString(),
  ]);
  return Object.fromEntries(await Promise.all(read)) as NodeConnectionOptions['tls'];
}

async function secretFile(option: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw badFile(option, path, 'a file that can be read', messageOf(cause), cause);
  }
}

const badFile = (
  option: string,
  path: string,
  expected: string,
  found: string,
  cause: unknown,
): DistillError =>
  new DistillError('usage', `${option} ${path}`, { expected, found, fix: 'check the path' }, { cause });

const notAdmitted = ({ natsUrl }: NatsSettings, cause: Error): DistillError =>
  new DistillError(
    'usage',
    withoutUser(natsUrl),
    {
      expected: 'credentials that the server accepts',
      found: cause.message,
      fix: 'check --nats-user, --nats-password, --nats-token, --nats-creds, --nats-nkey',
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
