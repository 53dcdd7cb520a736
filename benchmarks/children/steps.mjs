/** A run of some outer steps on MNIST with worker threads, in a process of its own: node steps.mjs '{"steps": 3, …options}'. Prints the process's peak memory in MB and the
 *  bytes of one network's weights. Linux only: elsewhere the peak of a process contains that of its parent. */
import { readFileSync } from 'node:fs';
import { trajectory } from '../../dist/coordinator/trajectory.js';
import { planOf, resolveConfig } from '../../dist/shared/config/index.js';
import { loadJob } from '../../dist/shared/job/index.js';
import { openTransport } from '../../dist/transport.js';

const config = resolveConfig(JSON.parse(process.argv[2]));
const job = await loadJob(config);
const plan = planOf(job);
const transport = await openTransport({ job, plan, workers: config.workers });
for await (const _ of trajectory(job, plan, transport));
await transport.close();

const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
const weightBytes = 4 * plan.nets[plan.names[0]].weightCount;
console.log(JSON.stringify({ peakMB: (Number(kilobytes) * 1024) / 1e6, weightBytes }));
