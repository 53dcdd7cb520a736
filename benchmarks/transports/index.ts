/** @file What a step costs beside its gradients, by transport: the state broadcast, a task to each member, all answers back. Null workers answer at once, so all that is seen is
 *  transport. On a quiet machine: npm run bench:transports */
import { quick } from '../options.ts';
import { type Bar, intoDocs, median, present, type Row, timesOf } from '../table.ts';
import { nullJob, type SizeName, sizes } from './job.ts';
import { transports } from './open.ts';

const members = quick ? [2] : [1, 2, 8, 64];
/** More processes than cores would measure the scheduler. */
const workersAtMost = 2;
const secondsEach = quick ? 0 : 4;
/** The bars: ms per step of two members of 31 kB. */
const longest: Readonly<Record<string, number>> = { threads: 0.2, cluster: 1.5, nats: 6 };

async function row(name: string, size: SizeName, count: number): Promise<Row> {
  const prepared = nullJob(size, count);
  const workers = Math.min(count, workersAtMost);
  const { transport, close } = await transports[name]!(prepared, workers);
  const step = async (): Promise<void> => {
    await transport.broadcast(0, prepared.state);
    await Promise.all(
      Array.from({ length: count }, (_, member) =>
        transport.run({ kind: 'gradient', step: 0, member, count: 1 }),
      ),
    );
  };
  try {
    const [one] = await timesOf(step, { runs: 1, warmUp: 3 });
    const runs = Math.max(5, Math.min(1000, Math.round((1000 * secondsEach) / one!)));
    const times = await timesOf(step, { runs, warmUp: Math.ceil(runs / 20) });
    return {
      transport: name,
      x̃: size,
      members: `${count}`,
      workers: `${workers}`,
      'ms per step': median(times),
      min: times[0]!,
      p95: times[Math.floor(0.95 * runs)]!,
      'µs per member': `${Math.round((1000 * median(times)) / count)}`,
      runs: `${runs}`,
    };
  } finally {
    await close();
  }
}

const rows: Row[] = [];
for (const size of (Object.keys(sizes) as SizeName[]).slice(0, quick ? 1 : undefined))
  for (const name of Object.keys(transports))
    for (const count of members) {
      rows.push(await row(name, size, count));
      process.stderr.write('.');
    }
process.stderr.write('\n');
const bars = rows.flatMap((row): Bar[] => {
  const atMost = longest[row.transport as string];
  if (atMost === undefined || row.x̃ !== '31 kB' || row.members !== '2') return [];
  const what = `${row.transport}: a step of two members, x̃ of 31 kB`;
  return [{ what, measured: Number(row['ms per step']), atMost, unit: 'ms' }];
});
const table = await present('transports', rows, {
  title: 'Transports',
  answers:
    'What does a step cost beside its gradients? Null workers answer at once: the state broadcast, a task to each member, all answers back.',
  bars,
});
await intoDocs('transports.md', 'transports', table);
