/** @file tfjs, loaded with one of its backends. In: the backend's name. Out: tfjs, ready, and what computes there; or one line that says what is missing. The packages are optional:
 *  nothing of this project but this file imports them. Weak spot: while one backend starts, no other may compute in the same thread; workers have one engine. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import type { TfjsBackend } from '../engine.ts';
import { withoutListeners } from './listeners.ts';
import type { Tfjs } from './run.ts';
import type { Target } from './scope.ts';

/** The version of all tfjs packages that this engine was written for and is tested with. */
const version = '4.22.0';
const require = createRequire(import.meta.url);

interface Backend {
  /** What has to be installed besides tfjs-core. */
  readonly package: string;
  /** Whether it computes outside of JavaScript. */
  readonly native: boolean;
  readonly target: Target;
  /** Loads it. @returns what computes, in words */
  load(tf: Tfjs): Promise<string>;
}

export const backends: { readonly [B in TfjsBackend]: Backend } = {
  tensorflow: {
    package: '@tensorflow/tfjs-node',
    native: true,
    target: { transposedProducts: true },
    load: loadTensorflow,
  },
  wasm: {
    package: '@tensorflow/tfjs-backend-wasm',
    native: false,
    target: { transposedProducts: false }, // only plain products go to XNNPACK, the others through three loops
    load: async () => {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
      return 'wasm';
    },
  },
  cpu: {
    package: '@tensorflow/tfjs-backend-cpu',
    native: false,
    target: { transposedProducts: true },
    load: async () => {
      await import('@tensorflow/tfjs-backend-cpu');
      return 'JavaScript';
    },
  },
};

/** tfjs with a backend that has been started. */
export interface Loaded {
  readonly tf: Tfjs;
  /** What computes, with versions. */
  readonly computes: string;
  /** Makes it the current backend: one tfjs serves all that were loaded in this thread. */
  select(): void;
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: tfjs mixes two backends up that start at the same time.
 *  @throws DistillError 'usage' when a package is missing, or its native library, or when this thread must not load it. */
export function loadTfjs(name: TfjsBackend): Promise<Loaded> {
  const loaded = last.then(() => load(name));
  last = loaded.catch(() => undefined);
  return loaded;
}

async function load(name: TfjsBackend): Promise<Loaded> {
  const backend = backends[name];
  if (backend.native && !isMainThread)
    throw refused(name, 'a process of its own: this backend is not safe in threads', 'a worker thread', {
      fix: 'use the transport cluster, or the backend wasm',
    });
  try {
    const tf = await import('@tensorflow/tfjs-core');
    tf.enableProdMode(); // no advice on the console
    const computes = await backend.load(tf);
    if (!(await withoutListeners(() => tf.setBackend(name))))
      throw new Error(`the backend ${name} did not start`);
    return {
      tf,
      computes: `tfjs ${tf.version_core}, ${computes}`,
      select: () => {
        if (tf.getBackend() !== name) void tf.setBackend(name); // at once: it has been started
      },
    };
  } catch (cause) {
    throw missing(name, backend, cause);
  }
}

/** One thread, because workers are the parallelism, and because the number of threads decides the last bits. TensorFlow reads its environment when it is loaded. */
async function loadTensorflow(): Promise<string> {
  process.env.TF_NUM_INTRAOP_THREADS = '1';
  process.env.TF_NUM_INTEROP_THREADS = '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // errors only
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value == null; // Node 23 dropped these two, and tfjs-node 4.22.0 calls them
  util.isArray ??= Array.isArray;
  const { findBackend } = await import('@tensorflow/tfjs-node');
  const { binding } = findBackend('tensorflow') as unknown as { binding: { TF_Version: string } }; // the types do not show it
  return `libtensorflow ${binding.TF_Version}`;
}

function missing(name: TfjsBackend, backend: Backend, cause: unknown): DistillError {
  const packages = ['@tensorflow/tfjs-core', backend.package];
  const absent = packages.filter(it => installedVersion(it) === undefined);
  const install = `npm install ${packages.map(it => `${it}@${version}`).join(' ')}`;
  if (absent.length > 0)
    return refused(name, `${packages.join(' and ')} ${version}`, `no ${absent.join(', no ')}`, {
      fix: install,
      cause,
    });
  const fix = backend.native ? 'make it native: npm run setup:tfjs-native (docs/engines.md)' : install;
  return refused(name, `a ${backend.package} that loads`, messageOf(cause), { fix, cause });
}

/** The version of a package; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}

const refused = (
  name: TfjsBackend,
  expected: string,
  found: string,
  { fix, cause }: { fix: string; cause?: unknown },
): DistillError =>
  new DistillError('usage', `engine tfjs, backend ${name}`, { expected, found, fix }, { cause });
