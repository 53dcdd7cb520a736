/** @file The engine as a config names it: a name and, for tfjs, a backend. Knows no engine; they are in src/worker/engines. */

/** The two options of a config. */
interface Engine {
  readonly engine: string;
  readonly tfjsBackend: string;
}

/** 'onnx', 'tfjs wasm'. */
export const showEngine = ({ engine, tfjsBackend }: Engine): string =>
  engine === 'tfjs' ? `${engine} ${tfjsBackend}` : engine;

/** Whether it must not compute in two threads of a process: TensorFlow's binding keeps a set that is not locked (docs/engines.md). */
export const needsProcesses = ({ engine, tfjsBackend }: Engine): boolean =>
  engine === 'tfjs' && tfjsBackend === 'tensorflow';
