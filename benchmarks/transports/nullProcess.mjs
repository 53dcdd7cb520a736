/** A worker over NATS that answers at once, or after as many milliseconds as a gradient would take: node nullProcess.mjs URL RUN THREADS [MS]. */
import { setTimeout as sleep } from 'node:timers/promises';
import { planOf, resolveConfig } from '../../dist/shared/config/index.js';
import { encodeAnswer, parts } from '../../dist/shared/messages/index.js';
import { cpuKind, name, version } from '../../dist/version.js';
import { work } from '../../dist/worker/entries/nats/index.js';

const [natsUrl, runName, threads, ms = '0'] = process.argv.slice(2);
const zeros = ({ sizes }) => Object.fromEntries(parts.map(part => [part, new Float32Array(sizes[part])]));

await work({
  settings: resolveConfig({ natsUrl, runName }),
  once: true,
  threads: Number(threads),
  program: `${name} ${version}`,
  cpu: cpuKind(),
  executor: async job => {
    const answer = encodeAnswer({ gradients: [{ loss: 1, ...zeros(planOf(job)) }] });
    return {
      broadcast: async () => undefined,
      run: async () => (ms === '0' ? answer : sleep(Number(ms), answer)),
      close: async () => undefined,
    };
  },
  tell: () => undefined,
});
