/** @file A forked process of node:cluster. In: its file. Out: the process, its channel and its stderr. Knows nothing of what it does. Weak spot: node:cluster keeps one
 *  set of settings for the whole process, so ours stand only while we fork. */
import cluster, { type ClusterSettings, type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { DistillError } from '../../../shared/errors.ts';

/** Forks `entry`. Of Node's options the process gets the limits of memory alone, and `execArgv`: no inspector's port and no loader of this process.
 *  @throws DistillError 'usage' in a process that is a worker of node:cluster itself. */
export function fork(entry: URL, execArgv: readonly string[] = []): Worker {
  if (!cluster.isPrimary)
    throw new DistillError('usage', 'transport cluster', {
      expected: 'a process that is no worker of node:cluster itself',
      found: 'one that is',
      fix: 'use the transport threads',
    });
  const { argv } = process;
  const hosts: ClusterSettings = {
    ...{ exec: argv[1]!, args: argv.slice(2), execArgv: process.execArgv, serialization: 'json' },
    ...cluster.settings,
  };
  cluster.setupPrimary({
    exec: fileURLToPath(entry),
    args: [],
    execArgv: [...process.execArgv.filter(isLimit), ...execArgv],
    serialization: 'advanced', // with 'json' typed arrays are lost
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  try {
    const options = (process.env.NODE_OPTIONS ?? '').split(/\s+/).filter(isLimit).join(' ');
    return cluster.fork({ NODE_OPTIONS: options });
  } finally {
    cluster.setupPrimary({ stdio: undefined, ...hosts } as ClusterSettings);
  }
}

/** --max-old-space-size=… and its kin. */
const isLimit = (option: string): boolean => /^--max[-_]/.test(option);
