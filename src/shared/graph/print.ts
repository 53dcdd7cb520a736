/** @file A graph as text: a line per node with its name, shape and operands; bodies of scans indented. For errors, tests and reading. */
import { showShape } from './shape.ts';
import { type Graph, operands, type Scan, type Tensor, topological } from './tensor.ts';

/** The graph, one line per node in an order in which it can be computed. */
export const print = (graph: Graph): string => lines(graph, '').join('\n');

function lines(graph: Graph, indent: string): string[] {
  const names = new Map<Tensor, string>(graph.inputs.map(t => [t, t.name]));
  const scans = new Map<Scan, string>();
  const out = graph.inputs.map(t => `${indent}${t.name} ${showShape(t.shape)} = input`);
  const name = (t: Tensor): string => names.get(t) ?? '?';
  for (const t of topological(graph.outputs)) {
    if (names.has(t)) continue;
    if (t.kind === 'constant' && t.data.length === 1) {
      names.set(t, String(t.data[0]));
      continue;
    }
    if (t.kind === 'item' && !scans.has(t.scan)) {
      const loop = `loop${scans.size}`;
      scans.set(t.scan, loop);
      out.push(
        `${indent}${loop} = scan ${t.scan.length}${t.scan.reverse ? ' reverse' : ''} (${operands(t).map(name).join(', ')})`,
      );
      out.push(...lines(t.scan.body, `${indent}  `));
    }
    names.set(t, `t${names.size}`);
    out.push(`${indent}${name(t)} ${showShape(t.shape)} = ${describe(t, name, scans)}`);
  }
  return [...out, `${indent}→ ${graph.outputs.map(name).join(', ')}`];
}

function describe(t: Tensor, name: (t: Tensor) => string, scans: ReadonlyMap<Scan, string>): string {
  if (t.kind === 'apply') {
    const params = Object.entries(t.params).map(([key, value]) => `, ${key}=${JSON.stringify(value)}`);
    return `${t.primitive.op}(${t.inputs.map(name).join(', ')}${params.join('')})`;
  }
  if (t.kind === 'item') return `${scans.get(t.scan)}[${t.index}]`;
  return t.kind === 'constant'
    ? `constant [${t.data.slice(0, 4).join(', ')}${t.data.length > 4 ? ', …' : ''}]`
    : 'unbound input';
}
