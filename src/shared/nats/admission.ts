/** @file Who may not come in, and who may not do that: what a server's refusals mean. In: whatever was thrown. Out: one line for the user, or nothing when it is no refusal. */
import {
  AuthorizationError,
  PermissionViolationError,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import { DistillError, messageOf } from '../errors.ts';
import { withoutUser } from './addresses.ts';
import { isInbox } from './subjects.ts';

interface Where {
  readonly natsUrl: string;
}

/** The error for a connection that would be refused again; undefined for one that may succeed later. */
export function refusedBy({ natsUrl }: Where, cause: unknown): DistillError | undefined {
  const server = withoutUser(natsUrl);
  if (cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError)
    return usage(server, 'credentials that the server accepts', cause, credentialsFix);
  for (const error of chain(cause)) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (tlsCodes.test(code) || noTls.test(error.message))
      return usage(server, 'TLS with a certificate that is trusted', error, tlsFix);
  }
  return undefined;
}

/** The error for something that the server does not let us do; undefined for any other cause. A reply to an inbox is not ours to choose, so it is none. */
export function deniedBy({ natsUrl }: Where, cause: unknown): DistillError | undefined {
  const error = violation(cause);
  if (error === undefined) return undefined;
  const { operation, subject } = error;
  const right = `the right to ${operation === 'publish' ? 'publish on' : 'subscribe to'} ${subject}`;
  return usage(withoutUser(natsUrl), right, error, 'docs/nats.md lists the rights of both sides');
}

/** Whether that was for want of a right. */
export const deniedIn = (cause: unknown): boolean => violation(cause) !== undefined;

const violation = (cause: unknown): PermissionViolationError | undefined =>
  [...chain(cause)].find(
    (error): error is PermissionViolationError =>
      error instanceof PermissionViolationError && !(error.operation === 'publish' && isInbox(error.subject)),
  );

function* chain(error: unknown): Generator<Error> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

const credentialsFix = 'check --nats-user, --nats-password, --nats-token, --nats-creds, --nats-nkey';
const tlsFix = 'check --nats-ca, --nats-cert, --nats-key';
/** Of Node and OpenSSL; a server that asks for our certificate ends the handshake with an alert. */
const tlsCodes = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;
const noTls = /'?tls'?.* (is )?not (available|supported)|does not support/i;

const usage = (where: string, expected: string, cause: Error, fix: string): DistillError =>
  new DistillError('usage', where, { expected, found: messageOf(cause), fix }, { cause });
