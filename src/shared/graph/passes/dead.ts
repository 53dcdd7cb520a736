/** @file Dead code. What no output needs is never reached, so only scans hold dead code: results, carried values and slices that nobody reads. */
import { type ScanResult, scan, substitute } from '../scan.ts';
import { type Graph, type Item, type Scan, type Tensor, topological } from '../tensor.ts';

/** The graph without unused results of scans. Repeated until nothing falls away: a result of one loop may have been read by a dead one only. */
export function dead(graph: Graph): Graph {
  for (;;) {
    const next = round(graph);
    if (next === graph) return graph;
    graph = next;
  }
}

function round(graph: Graph): Graph {
  const replacements = new Map<Tensor, Tensor>();
  const used = new Map<Scan, Item[]>();
  for (const t of topological(graph.outputs)) {
    if (t.kind === 'item') used.set(t.scan, [...(used.get(t.scan) ?? []), t]);
  }
  for (const [node, itemsUsed] of used) {
    const live = liveResults(
      node,
      itemsUsed.map(t => t.index),
    );
    const slices = liveSlices(node, live);
    if (live.length === node.body.outputs.length && slices.length === node.scanned.length) continue;
    const kept = prune(node, live, slices);
    const results = [...kept.carried, ...kept.stacked];
    for (const t of itemsUsed) replacements.set(t, results[live.indexOf(t.index)]!);
  }
  if (replacements.size === 0) return graph;
  return { inputs: graph.inputs, outputs: substitute(graph.outputs, replacements) };
}

/** Indices of results that are read outside, or by a carried value that is. */
function liveResults({ body, init, captured }: Scan, readOutside: readonly number[]): number[] {
  const live = new Set(readOutside);
  for (let before = -1; before !== live.size; ) {
    before = live.size;
    const needed = new Set(topological([...live].map(i => body.outputs[i]!)));
    init.forEach((_, i) => {
      if (needed.has(body.inputs[captured.length + i]!)) live.add(i);
    });
  }
  return [...live].sort((a, b) => a - b);
}

function liveSlices({ body, scanned, captured, init }: Scan, live: readonly number[]): number[] {
  const needed = new Set(topological(live.map(i => body.outputs[i]!)));
  const first = captured.length + init.length;
  const read = scanned.map((_, i) => i).filter(i => needed.has(body.inputs[first + i]!));
  return read.length > 0 || scanned.length === 0 ? read : [0]; // engines want a scan to scan something
}

function prune(node: Scan, live: readonly number[], slices: readonly number[]): ScanResult {
  const { body, captured, init } = node;
  const carriedLive = live.filter(i => i < init.length);
  return scan(
    { ...node, init: carriedLive.map(i => init[i]!), scanned: slices.map(i => node.scanned[i]!) },
    (carried, sliced) => {
      const given = new Map<Tensor, Tensor>(captured.map((t, i) => [body.inputs[i]!, t]));
      carriedLive.forEach((i, n) => given.set(body.inputs[captured.length + i]!, carried[n]!));
      slices.forEach((i, n) => given.set(body.inputs[captured.length + init.length + i]!, sliced[n]!));
      const outputs = substitute(
        live.map(i => body.outputs[i]!),
        given,
      );
      return { carried: outputs.slice(0, carriedLive.length), stacked: outputs.slice(carriedLive.length) };
    },
  );
}
