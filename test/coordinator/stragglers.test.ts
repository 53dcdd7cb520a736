import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hedged } from '../../src/coordinator/stragglers.ts';
import type { Transport } from '../../src/coordinator/transport.ts';
import type { Task } from '../../src/shared/messages/index.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'performance'] }));
afterEach(() => vi.useRealTimers());

const task = (member: number): Task => ({ kind: 'gradient', step: 0, member, count: 1 });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A transport whose n-th question is answered by n, or fails, after `times[n]` milliseconds. */
function slow(times: readonly number[], { workers = 4, fails = [] as readonly number[] } = {}) {
  const asked: Task[] = [];
  const told: string[] = [];
  const inner: Transport = {
    name: 'inline',
    workers,
    broadcast: async () => undefined,
    run: async question => {
      const n = asked.push(question) - 1;
      await new Promise(resolve => setTimeout(resolve, times[n] ?? 100));
      if (fails.includes(n)) throw new Error(`failed ${n}`);
      return Uint8Array.of(n);
    },
    onWorker: () => undefined,
    close: async () => undefined,
  };
  const transport = hedged(inner, { peers: t => t.kind });
  transport.onWorker(({ kind, message }) => told.push(`${kind}: ${message}`));
  return { transport, asked, told };
}

/** Runs one task to its end. */
async function ran(transport: Transport, member: number): Promise<number> {
  let answer = -1;
  transport.run(task(member)).then(bytes => {
    answer = bytes[0]!;
  });
  while (answer < 0) await pass(50);
  return answer;
}

describe('a task that takes far longer than its peers', () => {
  test('is asked a second time, once, and the first answer counts', async () => {
    const { transport, asked, told } = slow([100, 100, 100, 60_000, 200]);
    for (const member of [0, 1, 2]) await ran(transport, member);
    const began = performance.now();
    expect(await ran(transport, 7)).toBe(4);
    expect(performance.now() - began).toBeLessThan(1600); // a second, seen within a quarter, and 200 ms
    expect(asked.slice(3)).toEqual([task(7), task(7)]);
    expect(told).toEqual([
      expect.stringMatching(
        /^late: step 0, member 7 takes 1\.\d s, its peers 0\.1 s: started a second time$/,
      ),
    ]);
    await pass(60_000); // the late answer is ignored, and asks for nothing
    expect(asked).toHaveLength(5);
    await transport.close();
  });

  test('both late: no third time', async () => {
    const { transport, asked } = slow([100, 100, 100, 30_000, 30_000]);
    for (const member of [0, 1, 2]) await ran(transport, member);
    expect(await ran(transport, 7)).toBe(3);
    expect(asked).toHaveLength(5);
    await transport.close();
  });

  test.each<[string, number[]]>([
    ['the first one fails', [3]],
    ['the second one fails', [4]],
  ])('%s: the other one’s answer counts', async (_, fails) => {
    const { transport } = slow([100, 100, 100, 3000, 4000], { fails });
    for (const member of [0, 1, 2]) await ran(transport, member);
    expect(await ran(transport, 7)).toBe(fails[0] === 3 ? 4 : 3);
    await transport.close();
  });

  test('both fail: the failure of the last one is told', async () => {
    const { transport } = slow([100, 100, 100, 3000, 4000], { fails: [3, 4] });
    for (const member of [0, 1, 2]) await ran(transport, member);
    const failure = transport.run(task(7)).catch((error: Error) => error.message);
    await pass(10_000);
    expect(await failure).toBe('failed 4');
    await transport.close();
  });

  test('when all have become slow, slow is usual: at most half of what is remembered is asked twice', async () => {
    const { transport, told } = slow([100, 100, 100, ...new Array<number>(300).fill(5000)]);
    for (let member = 0; member < 40; member++) await ran(transport, member);
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(8); // three short ones are outnumbered soon
    await transport.close();
  });
});

describe('nothing is asked twice', () => {
  test.each<[string, number, number[], number]>([
    ['as long as fewer than three peers are known', 2, [100, 100, 9000], 4],
    ['under a second, however short its peers', 3, [10, 10, 10, 900], 4],
    ['under four times its peers', 3, [2000, 2000, 2000, 7000], 4],
    ['when no worker is free', 3, [100, 100, 100, 9000], 1],
  ])('%s', async (_, before, times, workers) => {
    const { transport, asked, told } = slow(times, { workers });
    for (let member = 0; member <= before; member++) await ran(transport, member);
    expect(asked).toHaveLength(before + 1);
    expect(told).toEqual([]);
    await transport.close();
  });

  test('for the sake of other kinds of tasks', async () => {
    const { transport, asked } = slow([100, 100, 100, 9000]);
    for (const member of [0, 1, 2]) await ran(transport, member);
    const other = transport.run({ kind: 'pretrain', model: 0, net: 0, epochs: 1 });
    await pass(20_000);
    await other;
    expect(asked).toHaveLength(4);
    await transport.close();
  });

  test('after close, whose timer is gone', async () => {
    const { transport, asked } = slow([100, 100, 100, 9000]);
    for (const member of [0, 1, 2]) await ran(transport, member);
    const late = transport.run(task(3));
    await transport.close();
    await pass(20_000);
    await late;
    expect(asked).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });
});
