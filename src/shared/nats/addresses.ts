/** @file The addresses of NATS servers, as people write them. In: 'nats://user:password@host:4222,host2'. Out: hosts and ports, who is named, whether TLS is asked for; and the same
 *  text as it may be shown to anybody. */
import { DistillError } from '../errors.ts';

export interface Addresses {
  /** 'host:port' of each. */
  readonly servers: readonly string[];
  readonly hosts: readonly string[];
  /** Who is named in the first. */
  readonly user?: string;
  readonly password?: string;
  /** Whether one of them begins with tls:. */
  readonly tls: boolean;
}

/** @throws DistillError 'usage' for what is no address; the message does not hold the user's part. */
export function addressesOf(natsUrl: string): Addresses {
  const urls = parsed(natsUrl);
  if (urls === undefined)
    throw new DistillError('usage', 'natsUrl', {
      expected: 'addresses such as nats://host:4222',
      found: withoutUser(natsUrl),
      fix: 'correct the address; a password with other characters than letters and digits goes by --nats-password',
    });
  const [{ username, password } = { username: '', password: '' }] = urls;
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    hosts: urls.map(({ hostname }) => hostname.replace(/^\[|\]$/g, '')),
    ...(username && { user: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
  };
}

/** The addresses as they may be shown. Of what is no address nothing is shown before its last @. */
export function withoutUser(natsUrl: string): string {
  const urls = parsed(natsUrl);
  if (urls === undefined) return natsUrl.includes('@') ? `…@${natsUrl.split('@').at(-1)}` : natsUrl;
  return urls
    .map(
      ({ protocol, username, password, host }) => `${protocol}//${username || password ? '…@' : ''}${host}`,
    )
    .join(',');
}

function parsed(natsUrl: string): URL[] | undefined {
  try {
    const urls = natsUrl.split(',').map(part => {
      const text = part.trim();
      return new URL(/^[a-z]+:\/\//.test(text) ? text : `nats://${text}`);
    });
    for (const { username, password } of urls) decodeURIComponent(username + password);
    return urls.every(({ hostname }) => hostname !== '') ? urls : undefined;
  } catch {
    return undefined;
  }
}
