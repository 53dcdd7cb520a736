/** @file Where coordinator and worker are put together: the only place that knows both. */
import { randomUUID } from 'node:crypto';
import { checkAnswer } from './coordinator/answers.ts';
import { groupsOf } from './coordinator/groups.ts';
import { hedged } from './coordinator/stragglers.ts';
import type { Transport } from './coordinator/transport.ts';
import { cluster } from './coordinator/transports/cluster.ts';
import { inline } from './coordinator/transports/inline.ts';
import { threads } from './coordinator/transports/threads.ts';
import type { Job, Plan } from './shared/config/index.ts';
import { gateOf, guardsAbove } from './shared/exitGuard.ts';
import type { Task } from './shared/messages/index.ts';
import { cpuKind, name, version } from './version.ts';
import { createHandler } from './worker/handler.ts';

/** What a transport is opened for. */
export interface TransportOptions {
  readonly job: Job;
  readonly plan: Plan;
  /** Workers at most; with nats so many are waited for. */
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
}

/** Opens the transport that the job's config asks for. @throws DistillError 'usage' or 'unreachable' where a server does not let us in, or is not there;
 *  'output' when processes cannot be given their data. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const { job, plan } = options;
  if (job.config.transport === 'inline') return inline(await createHandler(job, gateOf(guardsAbove())));
  return hedged(await opened(options), { peers: peersOf(plan) });
}

async function opened({ job, plan, workers, signal }: TransportOptions): Promise<Transport> {
  const floats = Object.values(plan.sizes).reduce((a, b) => a + b, 0);
  const weightCounts = Object.values(plan.nets).map(({ weightCount }) => weightCount);
  const { transport } = job.config;
  if (transport === 'nats') {
    const largest = Math.max(...groupsOf(job, plan, 1).map(({ count }) => count));
    const { nats } = await import('./coordinator/transports/nats/index.ts'); // late: most runs need no server
    return nats({
      job,
      run: job.config.runName ?? `run-${randomUUID().slice(0, 8)}`,
      workers,
      program: `${name} ${version}`,
      cpu: cpuKind(),
      check: (task, answer) => checkAnswer(plan, task, answer),
      answerBytes: 4 * Math.max(largest * floats, ...weightCounts) + 65_536,
      signal,
    });
  }
  const entry = new URL(`./worker/entries/${transport}.js`, import.meta.url);
  const common = { entry, job, workers, expected: plan.members.length };
  if (transport === 'cluster') return cluster(common);
  const start = new URL('./worker/entries/startThread.cjs', import.meta.url);
  return threads({ ...common, entry: start, stateBytes: 4 * floats + 4096 });
}

/** Tasks of one kind about one architecture take about as long, with as many members. */
const peersOf =
  ({ members, names }: Plan) =>
  (task: Task): string =>
    task.kind === 'gradient'
      ? `gradient ${members[task.member]} ${task.count}`
      : `${task.kind} ${names[task.model]} ${task.kind === 'accuracy' ? task.recipe : ''}`;
