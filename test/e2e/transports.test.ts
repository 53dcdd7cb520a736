/** @file What holds for every transport: one result, whatever happens on the way, and an end that waits. Without workers' deaths: those are in test/faults. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Transport } from '../../src/coordinator/transport.ts';
import { inline } from '../../src/coordinator/transports/inline.ts';
import { decodeGradients, type Task } from '../../src/shared/messages/index.ts';
import { createHandler } from '../../src/worker/handler.ts';
import { faulty } from '../fixtures/faulty.ts';
import { scratch } from '../fixtures/runs.ts';
import { outcome, smallRun, someState } from '../fixtures/smallRun.ts';
import { transports } from '../fixtures/transports.ts';

const { job, plan } = await smallRun(scratch());
const handler = await createHandler(job);
const expected = await outcome(job, plan, inline(handler));
const gradient = (step: number, member: number, count = 1): Task => ({
  kind: 'gradient',
  step,
  member,
  count,
});
const seeds = [1, 2, 3];
const faults = { loss: 0.2, repeat: 0.2, delay: 0.3, reorder: 0.3 };

describe.each(Object.entries(transports))('%s', (_, openIt) => {
  const open = async (workers = 2): Promise<Transport> => {
    const transport = await openIt(job, plan, workers);
    onTestFinished(() => transport.close()); // a test that failed has not closed it; twice is no error
    return transport;
  };

  test.each([1, 2, 4])('%i workers: the events, state and verdict of a run in place', async workers => {
    expect(await outcome(job, plan, await open(workers))).toEqual(expected);
  });

  test.each(seeds)('the same with faults of seed %i', async seed => {
    expect(await outcome(job, plan, faulty(await open(), { seed, ...faults }))).toEqual(expected);
  });

  test('close waits for every task in flight; then nothing is taken, and to close again is no error', async () => {
    const transport = await open();
    await transport.broadcast(0, someState(plan));
    let answered = 0;
    const asked = Array.from({ length: 20 }, async (_, i) => {
      const answer = await transport.run(gradient(0, i % 3));
      answered++;
      return answer;
    });
    await transport.close();
    expect(answered).toBe(20);
    await Promise.all(asked);
    await expect(transport.run(gradient(0, 0))).rejects.toMatchObject({ code: 'closed' });
    await transport.close();
  });

  test('closed before anything was asked', async () => {
    await (await open()).close();
  });

  test('a task asked twice at once is answered twice, alike, as the handler answers', async () => {
    const transport = await open();
    const state = someState(plan);
    await transport.broadcast(3, state);
    const task = gradient(3, 2);
    const wanted = decodeGradients(await handler(task, state), plan.sizes, 1);
    for (const answer of await Promise.all([transport.run(task), transport.run(task)]))
      expect(decodeGradients(answer, plan.sizes, 1)).toEqual(wanted);
  });

  test('a new state while an old duplicate still runs: later tasks see the new one, each worker’s first too', async () => {
    const transport = await open();
    for (let step = 0; step < 6; step++) {
      const state = someState(plan, step / 10);
      await transport.broadcast(step, state);
      const late = [transport.run(gradient(step, 2)), transport.run(gradient(step, 2))];
      const wanted = decodeGradients(await handler(gradient(step, 0), state), plan.sizes, 1);
      const answers = [0, 1, 2, 3].map(() => transport.run(gradient(step, 0)));
      for (const answer of await Promise.all(answers))
        expect(decodeGradients(answer, plan.sizes, 1)).toEqual(wanted);
      if (step % 2 === 0)
        await Promise.all(late); // the others may still run when the next state comes
      else for (const one of late) one.catch(() => undefined);
    }
  });

  test('a task that finds no state is refused, and the next one is answered', async () => {
    const transport = await open();
    const early = transport.run(gradient(0, 0)).then(answer => decodeGradients(answer, plan.sizes, 1));
    await expect(early).rejects.toMatchObject({ code: 'bad-file' });
    await transport.broadcast(0, someState(plan));
    decodeGradients(await transport.run(gradient(0, 0)), plan.sizes, 1);
  });
});
