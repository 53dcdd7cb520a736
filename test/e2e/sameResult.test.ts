/** @file One result, however it is executed: workers, transport and their number change no byte of the distilled set, its accuracy or the losses on the way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeIdxSet } from '../fixtures/idx.ts';
import { hasNatsServer, NatsServer } from '../fixtures/natsServer.ts';
import { type Program, run, start } from '../fixtures/program.ts';
import { jsonLines, mixed, onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';

const place = scratch();
await writeIdxSet(join(place, 'data'), smallSizes);
const small = [...onSmall(join(place, 'data')), '--steps', '15', '--eval-nets', '4', '--json'];

/** Compared with `--transport inline`. */
const executions = {
  'one worker': '--workers 1',
  'two workers': '--workers 2',
  'three workers': '--workers 3',
} as const;

/** Processes take longer to start: only for the ensemble that has most kinds of tasks. */
const processes = {
  'one process': '--transport cluster --workers 1',
  'two processes': '--transport cluster --workers 2',
  'four processes': '--transport cluster --workers 4',
} as const;

/** Members, some more and some fewer than workers; several networks, initialisations and optimisers. */
const ensembles = {
  'one member': ['--models', 'logreg'],
  'one architecture': ['--models', 'logreg:5', '--optimizer', 'sgd', '--init', 'normal', '--no-eta-per-step'],
  'a mixed ensemble': [...mixed, '--init', 'he', '--temperature', '3'],
  'random mini-batches, η̃ and λ per layer': [
    ...mixed,
    ...'--learn-decay --eta-per-layer --order random --inner-batch 4 --images 12'.split(' '),
  ],
  'images of each step its own, under attack': [
    ...'--models logreg:3 --order steps --inner-steps 3 --inner-epochs 2'.split(' '),
    ...'--attack-from 3 --attack-to 5'.split(' '),
  ],
} as const;

/** Everything of a run that must not depend on how it was executed, and the notices it gave. */
async function resultOf(
  name: string,
  flags: readonly string[],
): Promise<{ result: Record<string, unknown>; notices: string[] }> {
  const out = join(place, name);
  const { status, stdout, stderr } = await run([...small, ...flags, '--out', out]);
  expect([status, stderr]).toEqual([0, '']);
  const { summary, metrics } = await written(out);
  const steps = metrics.map(({ ms: _, ...decided }) => decided);
  const file = readFileSync(join(out, 'distilled.safetensors'), 'base64');
  const { imagesSha256, checkpoint, accuracy, before, attack } = summary;
  const events = jsonLines(stdout) as { type: string; message?: string }[];
  const notices = events.flatMap(({ type, message }) => (type === 'notice' ? [message!] : []));
  return { result: { imagesSha256, checkpoint, accuracy, before, attack, steps, file }, notices };
}

describe.each(Object.entries(ensembles))('%s', async (ensemble, models) => {
  const inline = await resultOf(`${ensemble}, inline`, [...models, '--transport', 'inline']);

  const all = ensemble === 'a mixed ensemble' ? { ...executions, ...processes } : executions;
  test.each(Object.entries(all))('%s', async (execution, flags) => {
    const { result, notices } = await resultOf(`${ensemble}, ${execution}`, [...models, ...flags.split(' ')]);
    expect(result).toEqual(inline.result);
    const idle = ensemble === 'one member' && /[23]/.test(flags); // said once, and only then
    expect(notices).toEqual(
      idle ? [expect.stringMatching(/^[23] workers for 1 members: [12] stay idle/)] : [],
    );
  });
});

test.skipIf(!hasNatsServer).each<[string, readonly string[]]>([
  ['a mixed ensemble', ensembles['a mixed ensemble']],
  ['forty members, all in one task of one worker', ['--models', 'logreg:40']],
])('%s over NATS: one, two and four workers, which serve run after run', async (ensemble, models) => {
  const inline = await resultOf(`${ensemble}, inline, for NATS`, [...models, '--transport', 'inline']);
  const { url } = await NatsServer.start();
  const workers: Program[] = [];
  for (const count of [1, 2, 4]) {
    while (workers.length < count)
      workers.push(
        start(['worker', '--nats-url', url, '--concurrency', '1', '--data-dir', join(place, 'data')]),
      );
    const nats = ['--transport', 'nats', '--nats-url', url, '--workers', `${count}`];
    const { result, notices } = await resultOf(`${ensemble}, NATS, ${count} workers`, [...models, ...nats]);
    expect(result).toEqual(inline.result);
    expect(notices.filter(notice => notice.startsWith('a worker joined'))).toHaveLength(count);
  }
  for (const worker of workers) worker.signal('SIGTERM');
  for (const worker of workers) expect((await worker.ended).status).toBe(143);
});

test('another seed gives another result', async () => {
  const results = ['1', '2'].map(seed =>
    resultOf(`seed ${seed}`, ['--models', 'logreg', '--transport', 'inline', '--seed', seed]),
  );
  const [one, two] = await Promise.all(results);
  expect(one!.result.imagesSha256).not.toBe(two!.result.imagesSha256);
});
