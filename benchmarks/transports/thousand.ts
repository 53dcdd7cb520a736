/** @file What one coordinator carries: real outer steps over NATS with null workers, up to a thousand of them, and the CPU time that each gradient costs the coordinator and
 *  the server. From these follows where one coordinator is full, for gradients that take long or short. npm run bench:coordinator */
import { readFileSync } from 'node:fs';
import { trajectory } from '../../src/coordinator/trajectory.ts';
import { intoDocs, present, type Row } from '../table.ts';
import { nullJob } from './job.ts';
import { overNats } from './open.ts';

/** Workers, each a slot with a pull of its own, in a few processes; each answers after so many ms. */
const cases = [
  { workers: 8, ms: 40, steps: 40 },
  { workers: 64, ms: 40, steps: 30 },
  { workers: 1000, ms: 40, steps: 6 },
  { workers: 1000, ms: 400, steps: 6 },
] as const;
const processesAtMost = 4;
/** Of a gradient on one core, as measured (docs/…): logistic regression, conv, a convnet of width 32. */
const gradientsMs = { logreg: 0.5, conv: 38, 'convnet, width 32': 370 };

interface Costs {
  readonly coordinator: number;
  readonly server: number;
}

const measured: (Costs & { readonly row: Row })[] = [];
for (const one of cases) {
  measured.push(await run(one));
  process.stderr.write('.');
}
process.stderr.write('\n');
const table = await present(
  'coordinator',
  measured.map(({ row }) => row),
);

const { coordinator, server } = measured.at(-1)!;
const text = `
A gradient of 31 kB costs the coordinator ${us(coordinator)} and the server ${us(server)} of CPU time: one coordinator takes ${perSecond(coordinator)} gradients a second, one server ${perSecond(server)}.

| a gradient takes | full at | of 1,000 workers are busy |
| --- | --- | --- |
${Object.entries(gradientsMs)
  .map(([model, ms]) => {
    const full = ms / 1000 / Math.max(coordinator, server);
    return `| ${ms} ms (${model}) | ${Math.floor(full)} workers | ${Math.min(100, full / 10).toFixed(1)} % |`;
  })
  .join('\n')}`;
console.log(text);
await intoDocs('transports.md', 'coordinator', `${table}\n${text}`);

async function run({ workers, ms, steps }: (typeof cases)[number]): Promise<Costs & { row: Row }> {
  const prepared = nullJob('31 kB', workers, { transport: 'nats', steps: steps + 1 });
  const processes = Math.min(processesAtMost, workers);
  const opened = await overNats(prepared, { processes, threads: workers / processes, ms });
  try {
    const walk = trajectory(prepared.job, prepared.plan, opened.transport);
    await walk.next(); // everything is warm
    const before = usage(opened.processes.server!);
    const began = performance.now();
    for (let step = 0; step < steps; step++) await walk.next();
    const seconds = (performance.now() - began) / 1000;
    const after = usage(opened.processes.server!);
    const gradients = steps * workers;
    const costs = {
      coordinator: (after.own - before.own) / gradients,
      server: (after.other - before.other) / gradients,
    };
    const row = {
      workers: `${workers}`,
      'ms per gradient': `${ms}`,
      'ms per step': (1000 * seconds) / steps,
      'gradients/s': gradients / seconds,
      'coordinator CPU µs': 1e6 * costs.coordinator,
      'server CPU µs': 1e6 * costs.server,
    };
    return { ...costs, row };
  } finally {
    await opened.close();
  }
}

/** Seconds of CPU so far, of this process and of another one (in ticks of 10 ms). */
function usage(pid: number): { own: number; other: number } {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return { own: (user + system) / 1e6, other: (Number(fields[11]) + Number(fields[12])) / 100 };
}

function us(seconds: number): string {
  return `${Math.round(1e6 * seconds)} µs`;
}

function perSecond(seconds: number): number {
  return Math.round(1 / seconds);
}
