/** @file What matrix arithmetic an engine reaches at best on this machine, on one thread: one large product, the best of several sizes. The roof over its gradients. */
import { input, matmul } from '../src/shared/graph/index.ts';
import type { Engine } from '../src/worker/engines/engine.ts';
import { productFlop } from './arithmetic.ts';
import { quick } from './options.ts';
import { median, timesOf } from './table.ts';

/** Rows, columns and inner sizes of square matrices. */
const sizes = quick ? [256] : [256, 512, 1024, 1536];

export interface Peak {
  readonly engine: string;
  /** Of the matrices at which it was reached. */
  readonly size: number;
  readonly gigaflopPerSecond: number;
}

/** The median of many, at the best size. */
export async function matrixPeak(engine: Engine): Promise<Peak> {
  let best: Peak = { engine: engine.name, size: 0, gigaflopPerSecond: 0 };
  for (const size of sizes) {
    const [a, b] = [input('a', [size, size]), input('b', [size, size])];
    const graph = { inputs: [a, b], outputs: [matmul(a, b)] };
    const { run } = await engine.compile(graph);
    const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
    const times = await timesOf(() => run([values, values]), { runs: 50, warmUp: 2, seconds: quick ? 0 : 2 });
    const gigaflopPerSecond = productFlop(graph) / 1e6 / median(times);
    if (gigaflopPerSecond > best.gigaflopPerSecond) best = { engine: engine.name, size, gigaflopPerSecond };
  }
  return best;
}
