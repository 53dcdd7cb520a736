/** @file The state in shared memory while it is written: a reader takes its copy again, and never gives one that is half old and half new. */
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { publish, reader, stateBuffer } from '../../../src/shared/messages/index.ts';

/** Calls `between` once, in the middle of the next copy that is taken of shared memory. */
function inTheNextCopy(between: () => void): void {
  const { slice } = Uint8Array.prototype;
  const restore = (): void => {
    Uint8Array.prototype.slice = slice;
  };
  onTestFinished(restore);
  Uint8Array.prototype.slice = function (this: Uint8Array, ...range) {
    restore();
    const half = Math.floor(this.length / 2);
    const old = slice.call(this, 0, half);
    between();
    const copy = slice.apply(this, range);
    copy.set(old); // read before, the rest after
    return copy;
  } as typeof slice;
}

test('a state that is published in the middle of a copy: the copy is taken again', () => {
  const buffer = stateBuffer(8);
  publish(buffer, new Uint8Array(8).fill(1));
  const read = reader(buffer);
  inTheNextCopy(() => publish(buffer, new Uint8Array(8).fill(2)));
  expect([...read()]).toEqual(new Array(8).fill(2));
});

test('a shorter one, too', () => {
  const buffer = stateBuffer(8);
  publish(buffer, new Uint8Array(8).fill(1));
  const read = reader(buffer);
  inTheNextCopy(() => publish(buffer, new Uint8Array(4).fill(2)));
  expect([...read()]).toEqual(new Array(4).fill(2));
});

test('a copy that was begun while the state was being written is taken again when it is done', () => {
  const buffer = stateBuffer(8);
  publish(buffer, new Uint8Array(8).fill(1));
  const [header, bytes] = [new Int32Array(buffer, 0, 2), new Uint8Array(buffer, 8)];
  const read = reader(buffer);
  Atomics.add(header, 0, 1); // a writer has begun
  bytes.fill(2, 0, 3);
  const done = (): void => {
    bytes.fill(2);
    Atomics.add(header, 0, 1);
  };
  inTheNextCopy(() => inTheNextCopy(done)); // the first copy is over before the writer is
  expect([...read()]).toEqual(new Array(8).fill(2));
});

test('two threads: all that is ever read is whole', async () => {
  const size = 20_000;
  const buffer = stateBuffer(size);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  publish(buffer, new Uint8Array(size));
  // As `publish` writes, but in a plain thread, which reads no TypeScript.
  const code = `
    const { buffer, stop } = require('node:worker_threads').workerData;
    const header = new Int32Array(buffer, 0, 2);
    for (let n = 1; Atomics.load(stop, 0) === 0; n++) {
      Atomics.add(header, 0, 1);
      new Uint8Array(buffer, 8).set(new Uint8Array(${size}).fill(n));
      Atomics.add(header, 0, 1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random());
    }`;
  const writer = new Worker(code, { eval: true, workerData: { buffer, stop } });
  await new Promise(resolve => writer.once('online', resolve));
  const read = reader(buffer);
  const seen = new Set<number>();
  for (const end = performance.now() + 300; performance.now() < end; ) {
    const copy = read();
    seen.add(copy[0]!);
    expect(copy.every(byte => byte === copy[0])).toBe(true);
  }
  Atomics.store(stop, 0, 1);
  await new Promise(resolve => writer.once('exit', resolve));
  expect(seen.size).toBeGreaterThan(3); // there was something to collide with
});
