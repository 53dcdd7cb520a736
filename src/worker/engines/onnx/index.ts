/** @file The engine on onnxruntime-node: float32, one thread per session, because workers are the parallelism. */
import * as ort from 'onnxruntime-node';
import type { Graph } from '../../../shared/graph/index.ts';
import type { Compiled, Engine } from '../engine.ts';
import { lower } from './lower.ts';

/** 'extended', not 'all': the layouts of 'all' depend on the CPU's vector width, and so do their last bits (docs/decisions/0003). */
const sessionOptions: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  enableMemPattern: false, // it takes a second arena at the second run: 50 MB for conv, and no time is won
  graphOptimizationLevel: 'extended',
  logSeverityLevel: 3,
};

export const onnx: Engine = {
  name: 'onnx',
  version: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}`,
  native: true,
  compile,
};

async function compile(graph: Graph): Promise<Compiled> {
  const session = await ort.InferenceSession.create(lower(graph), sessionOptions);
  const outputNames = graph.outputs.map((_, i) => `output${i}`);
  return {
    run: async inputs => {
      const feeds: Record<string, ort.Tensor> = {};
      graph.inputs.forEach(({ name, shape }, i) => {
        const data = inputs[i]!;
        feeds[name] = new ort.Tensor(data instanceof Float32Array ? data : Float32Array.from(data), [
          ...shape,
        ]);
      });
      const results = await session.run(feeds, outputNames);
      return outputNames.map(name => results[name]!.data as Float32Array);
    },
  };
}
