/** @file The engine of all passes: rebuilds a graph from its inputs up, offering each new node to a rule. A scan's body is opened for it: what the
 *  body captures is visible, and what no longer depends on the loop's variables leaves the loop when it is closed again. */
import { rebuild, type ScanResult, scan } from '../scan.ts';
import { type Graph, operands, type Scan, type Tensor, topological } from '../tensor.ts';

/** Gives another tensor of the same shape and meaning for `t`, or undefined to keep it. Operands of `t` are rewritten already.
 *  `uses` counts the places where a tensor is used in its scope. */
export type Rule = (t: Tensor, uses: (t: Tensor) => number) => Tensor | undefined;

/** The graph with `rule` applied to each node once, operands first. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const uses = new Map<Tensor, number>();
  return { inputs: graph.inputs, outputs: rewriteScope(graph.outputs, new Map(), rule, uses) };
}

function rewriteScope(
  outputs: readonly Tensor[],
  done: Map<Tensor, Tensor>,
  rule: Rule,
  uses: Map<Tensor, number>,
): Tensor[] {
  const order = topological(outputs);
  const count = countUses(order, outputs);
  const loops = new Map<Scan, ScanResult>();
  for (const t of order) {
    if (done.has(t)) continue;
    const map = (o: Tensor): Tensor => done.get(o)!;
    const rebuilt =
      t.kind === 'item' ? reopened(t.scan, map, loops, rule, uses)[t.index]! : rebuild(t, map, new Map());
    uses.set(rebuilt, count.get(t) ?? 0);
    const better = rule(rebuilt, u => uses.get(u) ?? 1);
    if (better !== undefined) uses.set(better, Math.max(uses.get(better) ?? 0, count.get(t) ?? 0));
    done.set(t, better ?? rebuilt);
  }
  return outputs.map(t => done.get(t)!);
}

function reopened(
  node: Scan,
  map: (t: Tensor) => Tensor,
  loops: Map<Scan, ScanResult>,
  rule: Rule,
  uses: Map<Tensor, number>,
): readonly Tensor[] {
  let result = loops.get(node);
  if (result === undefined) {
    const { length, reverse, body } = node;
    result = scan(
      { length, reverse, init: node.init.map(map), scanned: node.scanned.map(map) },
      (carried, slices) => {
        const given = [...node.captured.map(map), ...carried, ...slices];
        const inner = new Map<Tensor, Tensor>(body.inputs.map((t, i) => [t, given[i]!]));
        const outputs = rewriteScope(body.outputs, inner, rule, uses);
        return { carried: outputs.slice(0, carried.length), stacked: outputs.slice(carried.length) };
      },
    );
    loops.set(node, result);
  }
  return [...result.carried, ...result.stacked];
}

function countUses(order: readonly Tensor[], outputs: readonly Tensor[]): Map<Tensor, number> {
  const count = new Map<Tensor, number>();
  const use = (t: Tensor): void => {
    count.set(t, (count.get(t) ?? 0) + 1);
  };
  const counted = new Set<Scan>();
  for (const t of order) {
    if (t.kind === 'item') {
      if (counted.has(t.scan)) continue;
      counted.add(t.scan);
    }
    operands(t).forEach(use);
  }
  outputs.forEach(use);
  return count;
}
