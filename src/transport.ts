/** @file Where coordinator and worker are put together: the only place that knows both. */
import type { Transport } from './coordinator/transport.ts';
import { inline } from './coordinator/transports/inline.ts';
import { threads } from './coordinator/transports/threads.ts';
import type { Job, Plan } from './shared/config/index.ts';
import { gateOf, guardsAbove } from './shared/exitGuard.ts';
import { createHandler } from './worker/handler.ts';

/** Opens the transport that the job's config asks for. */
export async function openTransport(job: Job, plan: Plan, workers: number): Promise<Transport> {
  if (job.config.transport === 'inline') return inline(await createHandler(job, gateOf(guardsAbove())));
  const floats = Object.values(plan.sizes).reduce((a, b) => a + b, 0);
  return threads({
    entry: new URL('./worker/entries/threads.js', import.meta.url),
    job,
    workers,
    expected: plan.members.length,
    stateBytes: 4 * floats + 4096,
  });
}
