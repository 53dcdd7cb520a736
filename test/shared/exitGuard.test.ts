import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { type ExitGuard, gateOf, openGuard } from '../../src/shared/exitGuard.ts';

const guards: ExitGuard[] = [];
afterEach(() => {
  for (const guard of guards.splice(0)) guard.close();
});
const open = (): ExitGuard => {
  const guard = openGuard();
  guards.push(guard);
  return guard;
};
const inside = ({ memory }: ExitGuard): number => new Int32Array(memory)[1]!;
const listeners = (): number => process.listenerCount('exit');
/** What the process does when it exits. */
const exit = (): void => process.listeners('exit').at(-1)!(0);

test('whoever works is inside, in every guard, until the work is done or has failed', async () => {
  const [first, second] = [open(), open()];
  const [both, one] = [gateOf([first.memory, second.memory]), gateOf([second.memory])];
  let finish = (): void => undefined;
  const work = both(
    () =>
      new Promise<number>(resolve => {
        finish = () => resolve(7);
      }),
  );
  const failing = one(async () => {
    throw new Error('planted');
  });
  expect([inside(first), inside(second)]).toEqual([1, 2]);
  await expect(failing).rejects.toThrow('planted');
  expect([inside(first), inside(second)]).toEqual([1, 1]);
  finish();
  expect(await work).toBe(7);
  expect([inside(first), inside(second)]).toEqual([0, 0]);
});

test('a gate without guards lets everything through', async () => {
  expect(await gateOf([])(async () => 7)).toBe(7);
});

test('one listener serves all guards, and goes with the last', () => {
  const before = listeners();
  const many = Array.from({ length: 50 }, open);
  expect(listeners()).toBe(before + 1);
  for (const guard of many.slice(1)) guard.close();
  many[1]!.close();
  expect(listeners()).toBe(before + 1);
  many[0]!.close();
  many[0]!.close();
  expect(listeners()).toBe(before);
});

test('after an exit nobody goes in, and whoever was refused is not inside', async () => {
  const [guard, other] = [open(), open()];
  const gate = gateOf([guard.memory, other.memory]);
  exit();
  let begun = false;
  const parked = gate(async () => {
    begun = true;
  });
  const settled = await Promise.race([
    parked.then(() => true),
    new Promise(resolve => setTimeout(resolve, 20, false)),
  ]);
  expect([begun, settled, inside(guard), inside(other)]).toEqual([false, false, 0, 0]);
});

/** A thread that is inside for `ms`. */
const busyThread = `
  const { parentPort, workerData: { memory, ms } } = require('node:worker_threads');
  const count = new Int32Array(memory);
  Atomics.add(count, 1, 1);
  parentPort.postMessage('inside');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  Atomics.sub(count, 1, 1);
  Atomics.notify(count, 1);`;

test('an exit waits for all threads that are inside, and for no longer', async () => {
  const busy = [300, 150, 100].map(ms => ({ ms, guard: open() }));
  busy.push({ ms: 200, guard: busy[0]!.guard });
  const threads = busy.map(
    ({ ms, guard: { memory } }) => new Worker(busyThread, { eval: true, workerData: { ms, memory } }),
  );
  await Promise.all(threads.map(thread => once(thread, 'message')));
  const ended = threads.map(thread => once(thread, 'exit'));
  exit();
  expect(busy.map(({ guard }) => inside(guard))).toEqual([0, 0, 0, 0]);
  await Promise.all(ended);
  const began = performance.now();
  exit(); // nobody is inside
  expect(performance.now() - began).toBeLessThan(1000);
});
