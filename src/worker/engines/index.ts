/** @file The engines by name. Each is loaded when it is asked for, because loading a native runtime takes time. */
import type { Engine, EngineName } from './engine.ts';

const loaders: { readonly [E in EngineName]: () => Promise<Engine> } = {
  native: async () => (await import('./native/index.ts')).native,
  onnx: async () => (await import('./onnx/index.ts')).onnx,
  reference: async () => (await import('./reference.ts')).reference,
};

export const loadEngine = (name: EngineName): Promise<Engine> => loaders[name]();
