/** @file One file over HTTP, from the first mirror that serves it whole. In: URLs, the size and MD5 it must have. Out: its bytes, checked.
 *  Knows no cache and no data set. Weak spot: no download is resumed; the largest file is 26 MB. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DistillError, messageOf, oneLine } from '../errors.ts';
import type { Download } from './catalogue.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((receivedBytes: number) => void) | undefined;
  /** How long a connection may stay silent, until its first byte and between any two. */
  readonly timeoutMs?: number | undefined;
  /** Before a URL is tried a second time. */
  readonly pauseMs?: number | undefined;
}

/** Each URL is tried once, and once more if what went wrong may pass by itself. */
const attempts = 2;

/** Fetches a file from the first of `urls` that serves exactly what is wanted; redirects are followed.
 *  @returns its bytes, wanted.bytes many with MD5 wanted.md5, and which of `urls` served them
 *  @throws  DistillError 'no-data' that names every URL and what was found at each, causes kept; `signal.reason` after an abort. */
export async function download(
  urls: readonly string[],
  wanted: Download,
  fix: string,
  { signal = new AbortController().signal, onBytes, timeoutMs = 20_000, pauseMs = 500 }: DownloadOptions = {},
): Promise<{ bytes: Uint8Array; from: number }> {
  const failures: Failure[] = [];
  for (const [from, url] of urls.entries()) {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (attempt > 1) await pause(pauseMs, signal);
      try {
        const bytes = new Uint8Array(wanted.bytes);
        for await (const received of receive(url, bytes, signal, timeoutMs)) onBytes?.(received);
        checkMd5(bytes, wanted, url);
        return { bytes, from };
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.passing && attempt < attempts) continue;
        failures.push(error);
        break;
      }
    }
  }
  throw new DistillError(
    'no-data',
    urls.join(' or '),
    {
      expected: `${wanted.bytes} bytes with MD5 ${wanted.md5}`,
      found: failures.map(({ host, message }) => `${message} (${host})`).join(', '),
      fix,
    },
    {
      cause: failures.length === 1 ? failures[0]!.cause : new AggregateError(failures, 'no mirror served it'),
    },
  );
}

/** What went wrong at one URL; `passing` if a second attempt may go well. */
class Failure extends Error {
  readonly host: string;
  constructor(
    url: string,
    found: string,
    readonly passing: boolean,
    cause?: unknown,
  ) {
    super(oneLine(found, 100), { cause });
    this.host = new URL(url).host;
  }
}

/** Fills `bytes` from `url`, and yields how many are there after each piece. Ends when they are all there and no more came.
 *  A generator, so that what a listener throws is not taken for a failure of the network. */
async function* receive(
  url: string,
  bytes: Uint8Array,
  signal: AbortSignal,
  timeoutMs: number,
): AsyncGenerator<number> {
  signal.throwIfAborted();
  const ending = new AbortController();
  let silent = false;
  const watch = setTimeout(() => {
    silent = true;
    ending.abort();
  }, timeoutMs);
  let received = 0;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, ending.signal]),
      headers: { 'accept-encoding': 'identity' }, // else fetch would unpack, and the checksum is of the packed file
    });
    checkHead(response, url, bytes.length);
    const body = (response.body ?? []) as unknown as AsyncIterable<Uint8Array>; // so in Node; the DOM's types do not know it
    for await (const piece of body) {
      watch.refresh();
      if (received + piece.length > bytes.length)
        throw new Failure(url, `more than ${bytes.length} bytes${encoding(response)}`, false);
      bytes.set(piece, received);
      received += piece.length;
      yield received;
    }
    if (received < bytes.length)
      throw new Failure(url, `the end after ${received} bytes${encoding(response)}`, true);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) throw error;
    if (silent) throw new Failure(url, `nothing for ${timeoutMs} ms after ${received} bytes`, true, error);
    const reason = describeNetworkError(error);
    const found = received > 0 ? `${reason} after ${received} bytes` : reason;
    throw new Failure(url, found, reason !== 'ENOTFOUND', error);
  } finally {
    clearTimeout(watch);
    ending.abort(); // closes the connection, whatever is still on its way
  }
}

function checkHead(response: Response, url: string, wantedBytes: number): void {
  if (!response.ok) {
    const passing = response.status >= 500 || response.status === 429;
    throw new Failure(url, `HTTP status ${response.status}`, passing);
  }
  const length = response.headers.get('content-length');
  if (length !== null && Number(length) !== wantedBytes)
    throw new Failure(url, `${length} bytes${encoding(response)}`, false);
}

/** A server that says "encoded" of a file that is a .gz makes fetch unpack it: worth naming, as its wrong size is then no riddle. */
function encoding(response: Response): string {
  const value = response.headers.get('content-encoding');
  return value === null ? '' : ` with content-encoding ${value}`;
}

function checkMd5(bytes: Uint8Array, wanted: Download, url: string): void {
  const md5 = createHash('md5').update(bytes).digest('hex');
  if (md5 !== wanted.md5) throw new Failure(url, `${bytes.length} bytes with MD5 ${md5}`, false);
}

/** fetch says only "fetch failed"; its cause knows why. */
function describeNetworkError(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return (cause as NodeJS.ErrnoException).code ?? messageOf(cause);
}

async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
}
