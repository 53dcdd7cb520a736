/** @file Who computes: names and versions of the program and of what it runs on. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, platform } from 'node:os';
import type { Config } from './shared/config/index.ts';
import { kernelsVersion } from './worker/engines/native/version.ts';
import { installedVersion } from './worker/engines/tfjs/backends.ts';

const require = createRequire(import.meta.url);
const { name, version } = require('../package.json') as { name: string; version: string };

export { name, version };

/** Versions that can change a result of a run with that engine; without one, those of the engines that are always installed. */
export const versions = ({ engine }: Partial<Pick<Config, 'engine'>> = {}): Record<string, string> => ({
  [name]: version,
  node: process.versions.node,
  ...((engine === undefined || engine === 'native') && { kernels: `${kernelsVersion}` }),
  ...((engine === undefined || engine === 'onnx') && {
    onnxruntime: (require('onnxruntime-node/package.json') as { version: string }).version,
  }),
  ...(engine === 'tfjs' && { tfjs: installedVersion('@tensorflow/tfjs-core') ?? 'none' }),
});

/** The kind of machine: equal bytes are promised for equal kinds of CPU only. */
export const machine = (): { platform: string; arch: string; cpu: string; kind: string; cores: number } => ({
  platform: platform(),
  arch: arch(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  kind: cpuKind(),
  cores: availableParallelism(),
});

/** The kind of CPU, as far as it decides bytes: 'linux-x64-avx2'. AVX2 and AVX-512 compute the same here (docs/decisions/0002); what has neither does not. */
export function cpuKind(): string {
  const base = `${platform()}-${arch()}`;
  if (platform() !== 'linux' || arch() !== 'x64') return base;
  try {
    return `${base}-${/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 'avx2' : 'sse'}`;
  } catch {
    return base;
  }
}
