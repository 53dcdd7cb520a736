import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { download } from '../../../src/shared/data/download.ts';
import { expectFailure, serve, shutServer } from './scratch.ts';

const file = Buffer.from('the file that is wanted, every byte of it');
const md5 = createHash('md5').update(file).digest('hex');
const other = Buffer.from(file).reverse();
const otherMd5 = createHash('md5').update(other).digest('hex');
const wanted = { bytes: file.length, md5 };
const expected = `expected 41 bytes with MD5 ${md5}`;
const fix = 'do something';
const quick = { pauseMs: 10, timeoutMs: 2_000 };

test('the bytes arrive, and how many is told on the way', async () => {
  const encodings: unknown[] = [];
  const { url } = await serve((_, response, request) => {
    encodings.push(request.headers['accept-encoding']);
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 10));
    setTimeout(() => response.end(file.subarray(10)), 50);
  });
  const told: number[] = [];
  const onBytes = (received: number) => told.push(received);
  const { bytes, from } = await download([url], wanted, fix, { ...quick, onBytes });
  expect(Buffer.from(bytes)).toEqual(file);
  expect(from).toBe(0);
  expect(told).toEqual([10, 41]);
  expect(encodings).toEqual(['identity']);
});

test('a redirect is followed', async () => {
  const { url, requests } = await serve((path, response) =>
    path === 'old' ? response.writeHead(302, { location: '/new' }).end() : response.end(file),
  );
  expect(Buffer.from((await download([`${url}old`], wanted, fix, quick)).bytes)).toEqual(file);
  expect(requests).toEqual(['old', 'new']);
});

/** What a server may do wrong, what is told of it, and whether the same URL deserves a second attempt. */
const faults: Record<string, [(response: ServerResponse, request: IncomingMessage) => void, string, 1 | 2]> =
  {
    'not there': [response => response.writeHead(404).end('no'), 'HTTP status 404', 1],
    'in trouble': [response => response.writeHead(503).end('later'), 'HTTP status 503', 2],
    'another file of this size': [response => response.end(other), `41 bytes with MD5 ${otherMd5}`, 1],
    'a length that is not the file’s': [response => response.end('a page'), '6 bytes', 1],
    'too many bytes, no length': [
      response => {
        response.write(file);
        response.end('!');
      },
      'more than 41 bytes',
      1,
    ],
    'an early end, no length': [
      response => {
        response.write(file.subarray(0, 7));
        response.end();
      },
      'the end after 7 bytes',
      2,
    ],
    'a connection cut half-way': [
      response => {
        response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 7));
        setTimeout(() => response.destroy(), 30);
      },
      'UND_ERR_SOCKET after 7 bytes',
      2,
    ],
    'silence from the start': [() => {}, 'nothing for 100 ms after 0 bytes', 2],
    'silence half-way': [
      response => {
        response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 7));
      },
      'nothing for 100 ms after 7 bytes',
      2,
    ],
    'a content-encoding': [
      response => response.writeHead(200, { 'content-encoding': 'x', 'content-length': 9 }).end(),
      '9 bytes with content-encoding x',
      1,
    ],
  };

describe.each(Object.entries(faults))('%s', (_, [answer, found, attempts]) => {
  const impatient = { ...quick, timeoutMs: found.includes('100 ms') ? 100 : quick.timeoutMs };

  test('is told in one line', async () => {
    const { url, host, requests } = await serve((_, response, request) => answer(response, request));
    const message = `${url}: ${expected}, found ${found} (${host}); ${fix}`;
    await expectFailure(() => download([url], wanted, fix, impatient), 'no-data', message);
    expect(requests.length).toBe(attempts);
  });

  test('is made good by the next mirror', async () => {
    const bad = await serve((_, response, request) => answer(response, request));
    const good = await serve((_, response) => response.end(file));
    const { bytes, from } = await download([bad.url, good.url], wanted, fix, impatient);
    expect(Buffer.from(bytes)).toEqual(file);
    expect([from, bad.requests.length, good.requests.length]).toEqual([1, attempts, 1]);
  });
});

test('what passes by itself is overcome by the second attempt', async () => {
  const { url, requests } = await serve((_, response) =>
    requests.length === 1 ? response.writeHead(503).end() : response.end(file),
  );
  expect(Buffer.from((await download([url], wanted, fix, quick)).bytes)).toEqual(file);
});

test('a slow server is not a silent one', async () => {
  const { url } = await serve((_, response) => {
    let sent = 0;
    const timer = setInterval(() => {
      response.write(file.subarray(sent, ++sent));
      if (sent < file.length) return;
      clearInterval(timer);
      response.end();
    }, 15);
  });
  await download([url], wanted, fix, { timeoutMs: 300 }); // takes twice as long
});

test('every mirror and its own reason is named, causes kept', async () => {
  const gone = await serve((_, response) => response.writeHead(404).end());
  const shut = await shutServer();
  const error = await expectFailure(
    () => download([gone.url, shut.url], wanted, fix, quick),
    'no-data',
    `${gone.url} or ${shut.url}: ${expected}, found HTTP status 404 (${gone.host}), ECONNREFUSED (${shut.host}); ${fix}`,
  );
  expect((error.cause as AggregateError).errors.map(String)).toEqual([
    'Error: HTTP status 404',
    'Error: ECONNREFUSED',
  ]);
});

test('a host that does not exist is told by its code, cause kept', async () => {
  const url = 'http://nowhere.invalid/';
  const error = await download([url], wanted, fix, quick).catch(error => error);
  expect(error.message).toMatch(/found (ENOTFOUND|EAI_AGAIN) \(nowhere\.invalid\); do something$/);
  expect(error.cause.cause.syscall).toBe('getaddrinfo');
});

describe('an abort', () => {
  test('before the start asks nobody', async () => {
    const { url, requests } = await serve((_, response) => response.end(file));
    await expect(download([url], wanted, fix, { signal: AbortSignal.abort('enough') })).rejects.toBe(
      'enough',
    );
    expect(requests).toEqual([]);
  });

  test('half-way ends at once, with its reason, and closes the connection', async () => {
    const stop = new AbortController();
    let closed: Promise<unknown> | undefined;
    const { url, requests } = await serve((_, response) => {
      closed = new Promise(done => response.on('close', done));
      response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 7));
    });
    const options = { signal: stop.signal, onBytes: () => stop.abort('enough') };
    await expect(download([url], wanted, fix, options)).rejects.toBe('enough');
    await closed;
    expect(requests.length).toBe(1);
  });

  test('between two attempts ends the pause', async () => {
    const stop = new AbortController();
    const { url } = await serve((_, response) => {
      response.writeHead(503).end();
      setTimeout(() => stop.abort('enough'), 100);
    });
    const options = { signal: stop.signal, pauseMs: 1e9 };
    await expect(download([url], wanted, fix, options)).rejects.toBe('enough');
  });
});

test('what the listener throws comes out as it is', async () => {
  const { url, requests } = await serve((_, response) => response.end(file));
  const listener = () => {
    throw new RangeError('mine');
  };
  await expect(download([url], wanted, fix, { onBytes: listener })).rejects.toThrow(new RangeError('mine'));
  expect(requests.length).toBe(1);
});
