/** @file What the tests of this room share: a directory that goes away, the error something ends with, a loopback server that can misbehave. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { DistillError, type ErrorCode } from '../../../src/shared/errors.ts';

/** An empty directory until the end of the test. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'distill-cluster-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Checks that `run` ends with a DistillError of this code whose message is exactly `where: expected …, found …; fix`, and hands it back. */
export async function expectFailure(
  run: () => unknown,
  code: ErrorCode,
  message: string,
): Promise<DistillError> {
  const error = await Promise.resolve()
    .then(run)
    .then(
      () => expect.unreachable('it went well'),
      (error: unknown) => error,
    );
  expect(error).toBeInstanceOf(DistillError);
  expect((error as DistillError).message).toBe(message);
  expect((error as DistillError).code).toBe(code);
  return error as DistillError;
}

export interface Server {
  /** Ends in a slash. */
  readonly url: string;
  readonly host: string;
  /** The paths asked for so far, without the leading slash. */
  readonly requests: string[];
}

/** A loopback server until the end of the test. */
export async function serve(
  answer: (path: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url!.slice(1);
    requests.push(path);
    answer(path, response, request);
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  });
  return { ...address(server), requests };
}

/** A loopback address where nobody listens any more. */
export async function shutServer(): Promise<Pick<Server, 'url' | 'host'>> {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const place = address(server);
  await new Promise(done => server.close(done));
  return place;
}

function address(server: ReturnType<typeof createServer>): Pick<Server, 'url' | 'host'> {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}/`, host };
}
