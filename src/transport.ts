/** @file Where coordinator and worker are put together: the only place that knows both. */
import type { Transport } from './coordinator/transport.ts';
import { cluster } from './coordinator/transports/cluster.ts';
import { inline } from './coordinator/transports/inline.ts';
import { threads } from './coordinator/transports/threads.ts';
import type { Job, Plan } from './shared/config/index.ts';
import { createHandler } from './worker/handler.ts';

/** Opens the transport that the job's config asks for. @throws DistillError 'output' when processes cannot be given their data. */
export async function openTransport(job: Job, plan: Plan, workers: number): Promise<Transport> {
  const { transport } = job.config;
  if (transport === 'inline') return inline(await createHandler(job));
  const entry = new URL(`./worker/entries/${transport}.js`, import.meta.url);
  const common = { entry, job, workers, expected: plan.members.length };
  if (transport === 'cluster') return cluster(common);
  const floats = Object.values(plan.sizes).reduce((a, b) => a + b, 0);
  return threads({ ...common, stateBytes: 4 * floats + 4096 });
}
