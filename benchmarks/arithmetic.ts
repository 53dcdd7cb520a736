/** @file How much arithmetic a graph asks for. In: a graph. Out: floating-point operations of its matrix products, 2·m·n·k each, those in loops as often as the loops run.
 *  Elementwise work is not counted: what a machine can do at most is measured in products too. Pure. */
import { type Graph, type Tensor, topological } from '../src/shared/graph/index.ts';

/** Operations (FLOP) of all matrix products of one run of `graph` as it stands; an engine runs it optimised. */
export function productFlop({ outputs }: Graph): number {
  let flop = 0;
  const loops = new Set<object>();
  for (const t of topological(outputs)) {
    flop += flopOf(t);
    if (t.kind !== 'item' || loops.has(t.scan)) continue;
    loops.add(t.scan); // one loop has many results
    flop += t.scan.length * productFlop(t.scan.body);
  }
  return flop;
}

function flopOf(t: Tensor): number {
  if (t.kind !== 'apply' || !('transposeA' in t.params)) return 0; // matmul and gemm
  const [m, n] = t.shape as [number, number];
  const k = t.inputs[0]!.shape[t.params.transposeA ? 0 : 1]!;
  return 2 * m * n * k;
}
