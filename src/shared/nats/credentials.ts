/** @file What we show a server: an nkey, a JWT, certificates. In: options that name files. Out: what the client takes. Knows no server. */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import {
  type Authenticator,
  credsAuthenticator,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { DistillError, messageOf } from '../errors.ts';
import type { Addresses } from './addresses.ts';
import type { NatsSettings } from './settings.ts';

/** @throws DistillError 'usage' for a file that is none; the message does not hold what is in it. */
export async function authenticatorOf({
  natsCreds,
  natsNkey,
}: NatsSettings): Promise<Authenticator | undefined> {
  if (natsCreds !== undefined) {
    const expected = 'a credentials file, with JWT and seed';
    return fromFile('natsCreds', natsCreds, expected, bytes => credsAuthenticator(bytes));
  }
  if (natsNkey === undefined) return undefined;
  return fromFile('natsNkey', natsNkey, 'a file with an nkey seed (SU…)', bytes =>
    nkeyAuthenticator(new TextEncoder().encode(Buffer.from(bytes).toString().trim())),
  );
}

async function fromFile(
  option: string,
  path: string,
  expected: string,
  make: (bytes: Uint8Array) => Authenticator,
): Promise<Authenticator> {
  const bytes = await secretFile(option, path);
  try {
    const authenticator = make(bytes);
    authenticator('nonce'); // what is none is known now
    return authenticator;
  } catch (cause) {
    throw badFile(option, path, expected, 'none', cause); // the cause's text may hold what is in the file
  }
}

/** TLS, when the address or a file asks for it. @throws DistillError 'usage' for a file that cannot be read. */
export async function tlsOf(
  { natsCa, natsCert, natsKey }: NatsSettings,
  { hosts, tls }: Addresses,
): Promise<NodeConnectionOptions['tls'] | undefined> {
  const files = { ca: natsCa, cert: natsCert, key: natsKey };
  const given = Object.entries(files).filter(([, path]) => path !== undefined);
  if (given.length === 0 && !tls) return undefined;
  const read = given.map(async ([name, path]) => [
    name,
    Buffer.from(await secretFile(`nats ${name}`, path!)).toString(),
  ]);
  const pems = Object.fromEntries(await Promise.all(read)) as { ca?: string; cert?: string; key?: string };
  return { ...pems, ...{ checkServerIdentity: identityOf(hosts) } };
}

/** The client checks a certificate against a host's name, and knows none for an address such as 10.0.0.1: Node then takes 'localhost'. */
const identityOf =
  (hosts: readonly string[]): typeof checkServerIdentity =>
  (host, certificate) => {
    const addresses = hosts.filter(isIP);
    const found = [host, ...(host === 'localhost' ? addresses : [])].map(one =>
      checkServerIdentity(one, certificate),
    );
    return found.includes(undefined) ? undefined : found.at(-1);
  };

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
