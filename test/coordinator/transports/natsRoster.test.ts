/** @file Who works for a run over NATS: who may, who comes, leaves, and falls silent, by a clock of the test's own. */
import { expect, test } from 'vitest';
import type { WorkerEvent } from '../../../src/coordinator/transport.ts';
import { Roster } from '../../../src/coordinator/transports/nats/roster.ts';

const setUp = (mixedCpus = false) => {
  const events: WorkerEvent[] = [];
  const clock = { ms: 0 };
  const own = { program: 'p 1', cpu: 'avx2', mixedCpus };
  const roster = new Roster({ tell: event => events.push(event), ...own, now: () => clock.ms });
  const pulse = (worker: string, threads: number): void =>
    roster.pulse({ type: 'pulse', epoch: 'e', worker, host: `host of ${worker}`, threads });
  const join = (program: string, cpu: string): string | undefined =>
    roster.refusal({ type: 'join', worker: 'w', host: 'there', pid: 1, program, cpu });
  const told = (): string[] => events.splice(0).map(({ kind, message }) => `${kind}: ${message}`);
  return { roster, clock, pulse, join, told };
};

test('another program is refused, whatever its CPU', () => {
  for (const mixed of [false, true]) {
    const { join, told } = setUp(mixed);
    expect(join('p 2', 'avx2')).toBe('it runs p 2, the coordinator p 1: install the same version');
    expect(told()).toEqual([expect.stringMatching(/^refused: a worker on there is refused: it runs p 2/)]);
  }
});

test('another CPU is refused, or with --mixed-cpus accepted and told', () => {
  const { join, told } = setUp();
  expect(join('p 1', 'avx2')).toBeUndefined();
  expect(told()).toEqual([]);
  expect(join('p 1', 'sse')).toMatch(/--mixed-cpus/);
  expect(told()).toEqual([expect.stringMatching(/^refused: .*the kind sse, the coordinator's avx2/)]);
  const mixed = setUp(true);
  expect(mixed.join('p 1', 'sse')).toBeUndefined();
  expect(mixed.told()).toEqual([expect.stringMatching(/^joined: .*the kind sse, here it is avx2/)]);
});

test('threads are counted; who comes, leaves and falls silent is told once', () => {
  const { roster, clock, pulse, told } = setUp();
  pulse('a', 2);
  pulse('b', 1);
  pulse('a', 2);
  expect(told()).toEqual([
    'joined: a worker joined: host of a, 2 threads; 2 threads now',
    'joined: a worker joined: host of b, 1 thread; 3 threads now',
  ]);
  clock.ms = 6000;
  pulse('a', 2);
  clock.ms = 9999;
  roster.sweep();
  expect(told()).toEqual([]);
  clock.ms = 10_000;
  roster.sweep();
  roster.sweep();
  expect(told()).toEqual([
    'lost: the worker on host of b, 1 thread, is silent: its tasks go to others; 2 threads now',
  ]);
  roster.leave('a');
  roster.leave('a');
  expect(told()).toEqual(['left: a worker left: host of a, 2 threads; 0 threads now']);
  pulse('b', 1); // it was only slow
  expect(roster.threads).toBe(1);
});

test('waiting for threads ends with the pulse that makes them enough', async () => {
  const { roster, pulse } = setUp();
  let there = false;
  const waited = roster.atLeast(3).then(() => {
    there = true;
  });
  pulse('a', 2);
  await Promise.resolve();
  expect(there).toBe(false);
  pulse('b', 1);
  await waited;
  await roster.atLeast(3);
});
