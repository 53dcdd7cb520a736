/** @file Every way to come in at a NATS server works, for both halves of a run; what is wrong is said in one line; no secret is written anywhere. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { certificates, nkeyUser, operator } from '../fixtures/natsCredentials.ts';
import { SmallRuns, shaIn, worker } from '../fixtures/natsRuns.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import type { Ended } from '../fixtures/program.ts';
import { tree } from '../fixtures/runs.ts';

const runs = new SmallRuns('--models logreg --steps 3');
const at = (name: string): string => join(runs.place, name);
const nkey = nkeyUser();
const jwts = operator();
const creds = jwts.creds();
const [password, token, inUrl] = ['Geheim-pw-41', 'Geheim-tk-42', 'Geheim-url-43'];
const tls = (more = ''): string =>
  `tls {
  cert_file: "${at('server.pem')}"
  key_file: "${at('server.key')}"
  ca_file: "${at('ca.pem')}"
  ${more}
}`;
const mutual = ['--nats-ca', at('ca.pem'), '--nats-cert', at('client.pem'), '--nats-key', at('client.key')];

/** How one half comes in. */
interface Half {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** From the server's address to the one that is given. */
  readonly url?: (url: string) => string;
}

interface Way {
  readonly config: string;
  readonly coordinator: Half;
  /** The same, unless it is another one. */
  readonly worker?: Half;
}

const user = (pass: string): string => `authorization { user: runner, password: "${pass}" }`;
const byFlags: Half = { flags: ['--nats-user', 'runner', '--nats-password', password] };
const ways: Readonly<Record<string, Way>> = {
  'user and password: by flags, in the URL': {
    config: user(password),
    coordinator: byFlags,
    worker: { url: url => url.replace('//', `//runner:${password}@`) },
  },
  'user and password: in the URL, the password in the environment': {
    config: user(inUrl),
    coordinator: { url: url => url.replace('//', `//runner:${inUrl}@`) },
    worker: { flags: ['--nats-user', 'runner'], env: { DISTILL_CLUSTER_NATS_PASSWORD: inUrl } },
  },
  'a token: by a flag, in the environment': {
    config: `authorization { token: "${token}" }`,
    coordinator: { flags: ['--nats-token', token] },
    worker: { env: { DISTILL_CLUSTER_NATS_TOKEN: token } },
  },
  'a token in the environment, and by a flag': {
    config: `authorization { token: "${token}" }`,
    coordinator: { env: { DISTILL_CLUSTER_NATS_TOKEN: token } },
    worker: { flags: ['--nats-token', token] },
  },
  'an nkey': {
    config: `authorization { users: [ { nkey: ${nkey.publicKey} } ] }`,
    coordinator: { flags: ['--nats-nkey', at('seed.nk')] },
  },
  'a credentials file': { config: jwts.config, coordinator: { flags: ['--nats-creds', at('user.creds')] } },
  'TLS with an authority of our own': { config: tls(), coordinator: { flags: ['--nats-ca', at('ca.pem')] } },
  'TLS on both sides': { config: tls('verify: true'), coordinator: { flags: mutual } },
};
const secrets = [password, token, inUrl, nkey.seed, creds.seed, 'runner:', 'PRIVATE KEY'];

function expectNoSecret(text: string): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
}

const one = (line: RegExp, { status, stderr }: Ended, code: number): void => {
  expect(stderr).toMatch(new RegExp(`^distill-cluster: [^\\n]*${line.source}[^\\n]*\\n$`));
  expect(status).toBe(code);
  expectNoSecret(stderr);
};

describe.skipIf(!hasNatsServer)('coming in at a server', () => {
  let sha: string;
  beforeAll(async () => {
    certificates(runs.place, 'ca', ['server', 'client']);
    certificates(runs.place, 'other', ['stranger']);
    writeFileSync(at('seed.nk'), `${nkey.seed}\n`);
    writeFileSync(at('user.creds'), creds.text);
    writeFileSync(at('no.nk'), 'SUGEHEIM');
    sha = await runs.prepare();
  });

  test.each(Object.entries(ways))('%s', async (_, { config, coordinator: first, worker: second = first }) => {
    const server = await NatsServer.start({ config });
    const given = ({ flags = [], env = {}, url = same => same }: Half) =>
      [url(server.url), flags, { env }] as const;
    const [address, flags, place] = given(first);
    const [coordinator, out] = runs.coordinator(address, 'r', flags, place);
    const [address2, flags2, place2] = given(second);
    const working = worker(
      address2,
      ['--run-name', 'r', '--once', '--data-dir', runs.data, ...flags2],
      place2,
    );
    const [ended, helped] = await Promise.all([coordinator.ended, working.ended]);
    expect([ended.status, ended.stderr, helped.status]).toEqual([0, '', 0]);
    expect(await shaIn(out)).toBe(sha);
    expectNoSecret(ended.stdout + helped.stdout + helped.stderr);
    for (const file of tree(out).filter(name => statSync(join(out, name)).isFile()))
      expectNoSecret(readFileSync(join(out, file), 'latin1'));
    expect(readdirSync(out)).toContain('config.json');
    await server.stop();
  });

  const both = async (url: string, flags: readonly string[], line: RegExp, code = 2): Promise<void> => {
    const halves = [
      runs.coordinator(url, 'r', flags)[0],
      worker(url, ['--quiet', '--run-name', 'r', ...flags]),
    ];
    for (const { ended } of halves) one(line, await ended, code);
  };

  test('another authority, none, and no certificate of ours', async () => {
    const server = await NatsServer.start({ config: tls('verify: true') });
    const trusted = /expected TLS with a certificate that is trusted, found .*check --nats-ca/;
    await Promise.all([
      both(server.url, ['--nats-ca', at('other.pem')], trusted),
      both(server.url, [], trusted),
      both(
        server.url,
        ['--nats-ca', at('ca.pem'), '--nats-cert', at('client.pem'), '--nats-key', at('other.key')],
        trusted,
      ),
      both(server.url, ['--nats-ca', at('ca.pem')], /expected TLS with a certificate of ours .* found none/),
      both(
        server.url,
        ['--nats-ca', at('ca.pem'), '--nats-cert', at('stranger.pem'), '--nats-key', at('stranger.key')],
        /expected TLS with a certificate of ours .*stranger.pem/,
      ),
    ]);
    await server.stop();
  });

  test('a server without TLS, where TLS is asked for, gets nothing', async () => {
    const server = await NatsServer.start({ config: user(password) });
    const flags = ['--nats-user', 'runner', '--nats-password', password];
    await both(server.url, ['--nats-ca', at('ca.pem'), ...flags], /expected TLS/);
    await both(server.url.replace('nats:', 'tls:'), flags, /expected TLS/);
    await server.stop();
  });

  test('what is no address, no seed, no credentials: one line without the secret', async () => {
    const wrong = `nats://runner:${inUrl}/x@127.0.0.1:x`;
    await Promise.all([
      both(wrong, [], /natsUrl|nats-url/),
      both(wrong.replace('nats://', ''), [], /natsUrl|nats-url/),
      both('nats://127.0.0.1:1', ['--nats-nkey', at('no.nk')], /expected a file with an nkey seed/),
      both('nats://127.0.0.1:1', ['--nats-creds', at('no.nk')], /expected a credentials file/),
      both('nats://127.0.0.1:1', ['--nats-creds', at('missing')], /expected a file that can be read/),
      both(`nats://runner:${inUrl}@127.0.0.1:1`, ['--nats-patience', '1'], /expected a NATS server/, 3),
    ]);
  });
});
