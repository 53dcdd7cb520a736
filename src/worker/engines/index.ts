/** @file The engines by name. Each is loaded when it is asked for, because loading a native runtime takes time. */
import { DistillError } from '../../shared/errors.ts';
import type { Engine, EngineName, TfjsBackend } from './engine.ts';

const loaders: { readonly [E in EngineName]: (backend: TfjsBackend) => Promise<Engine> } = {
  native: async () => (await import('./native/index.ts')).native,
  onnx: async () => (await import('./onnx/index.ts')).onnx,
  reference: async () => (await import('./reference.ts')).reference,
  tfjs: async backend => (await import('./tfjs/index.ts')).tfjs(backend),
};

/** What `auto` tries, the fastest first: the first one that loads is taken. */
export const automatic: readonly { readonly engine: EngineName; readonly tfjsBackend?: TfjsBackend }[] = [
  { engine: 'native' },
  { engine: 'onnx' },
  { engine: 'tfjs', tfjsBackend: 'tensorflow' },
  { engine: 'tfjs', tfjsBackend: 'wasm' },
];

/** `backend` means something to tfjs only. @throws DistillError 'usage' when packages of the engine are not there, or for `auto`, which is to be settled before a job is made. */
export async function loadEngine(name: EngineName | 'auto', backend: TfjsBackend = 'wasm'): Promise<Engine> {
  if (name !== 'auto') return loaders[name](backend);
  throw new DistillError('usage', 'engine', {
    expected: `one of ${Object.keys(loaders).join(', ')} in a job`,
    found: name,
    fix: 'name the engine',
  });
}
