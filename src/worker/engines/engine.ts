/** @file What an engine is: it takes a graph and gives something that runs. Engines know graphs; they know no net, loss or task. */
import type { Graph } from '../../shared/graph/index.ts';

/** Row-major values of a tensor. */
export type Numbers = Float32Array | Float64Array;

/** A graph made ready to run. */
export interface Compiled {
  /** Outputs for inputs, both in the graph's order. Inputs may be views; they must not lie in shared memory. Outputs are new arrays, or those of `room`, which an engine that
   *  can writes to: arrays of the outputs' lengths that nobody reads any more. */
  run(inputs: readonly Numbers[], room?: readonly Float32Array[]): Promise<readonly Numbers[]>;
}

export interface Engine {
  readonly name: EngineName;
  /** Name and version of what computes, for the record. */
  readonly version: string;
  /** Whether it computes outside of JavaScript: a thread that does so must not be torn down. */
  readonly native: boolean;
  compile(graph: Graph): Promise<Compiled>;
  /** The same for `lanes` sets of values at once, where an engine can: those of the inputs named in `own`, and all outputs, lie one set after the other, as many times as long; the
   *  other inputs are common to all. Each set's outputs are the bytes that it has alone. */
  compileLanes?(graph: Graph, lanes: number, own: ReadonlySet<string>): Promise<Compiled>;
}

export type EngineName = 'native' | 'onnx' | 'reference' | 'tfjs';

/** What computes inside tfjs: libtensorflow, WebAssembly, JavaScript. */
export type TfjsBackend = 'tensorflow' | 'wasm' | 'cpu';
