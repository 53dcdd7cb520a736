/** @file A graph as a program of tfjs kernel calls. Pure: graph in, plain data out. Scans become loops whose bodies see outside values by slot. */
import {
  type Apply,
  type Graph,
  type Item,
  optimise,
  type Scan,
  type Tensor,
  topological,
  verify,
} from '../../../shared/graph/index.ts';
import { withFrees, writtenBy } from './lifetimes.ts';
import { type Lower, lowerings } from './primitives.ts';
import type { Program, Slot } from './program.ts';
import { Memory, Scope, type Target } from './scope.ts';

/** Where the tensors of a scope lie. */
type Slots = Map<Tensor, Slot>;

/** The program of `graph`, optimised. */
export function lower(graph: Graph, target: Target): Program {
  const optimised = verify(optimise(graph));
  const memory = new Memory();
  const scope = new Scope(memory, target);
  const inputs = optimised.inputs.map(({ shape }) => ({ slot: memory.slot(), shape }));
  const slots: Slots = new Map(optimised.inputs.map((t, i) => [t, inputs[i]!.slot]));
  const outputs = lowerScope(scope, optimised.outputs, slots);
  const steps = withFrees(scope.instructions, { given: inputs.map(({ slot }) => slot), kept: outputs });
  return { slots: memory.slots, inputs, constants: memory.constants, steps, outputs };
}

/** Emits what `outputs` need, and gives for each a slot that is the scope's own and no other output's: whoever takes its tensor may free it. */
function lowerScope(scope: Scope, outputs: readonly Tensor[], slots: Slots): Slot[] {
  const loops = new Map<Scan, Slot[]>();
  for (const t of topological(outputs)) if (!slots.has(t)) slots.set(t, lowerNode(scope, t, slots, loops));
  const free = new Set(scope.instructions.flatMap(writtenBy));
  return outputs.map(t => {
    const slot = slots.get(t)!;
    return free.delete(slot) ? slot : scope.emit('Identity', { x: slot });
  });
}

function lowerNode(scope: Scope, t: Tensor, slots: Slots, loops: Map<Scan, Slot[]>): Slot {
  if (t.kind === 'constant') return scope.memory.constant(t.shape, t.data);
  if (t.kind === 'input') throw new RangeError(`input ${t.name} is unbound`);
  if (t.kind === 'item') return lowerItem(scope, t, slots, loops);
  const lowering = lowerings[t.primitive.op] as Lower<typeof t.primitive.op>;
  return lowering(
    scope,
    t as Apply<never>,
    t.inputs.map(o => slots.get(o)!),
  );
}

function lowerItem(scope: Scope, { scan, index }: Item, slots: Slots, loops: Map<Scan, Slot[]>): Slot {
  const known = loops.get(scan) ?? lowerScan(scope, scan, slots);
  loops.set(scan, known);
  return known[index]!;
}

/** @returns the slots of the scan's results */
function lowerScan(outer: Scope, scan: Scan, slots: Slots): Slot[] {
  const { body, captured, length, reverse } = scan;
  const { memory } = outer;
  const outside = (tensors: readonly Tensor[]): Slot[] => tensors.map(t => slots.get(t)!);
  const fresh = (count: number): Slot[] => Array.from({ length: count }, () => memory.slot());
  const [init, scanned] = [outside(scan.init), outside(scan.scanned)];
  const [carried, slices] = [fresh(init.length), fresh(scanned.length)];
  const given = [...outside(captured), ...carried, ...slices];
  const scope = new Scope(memory, outer.target);
  const results = lowerScope(scope, body.outputs, new Map(body.inputs.map((t, i) => [t, given[i]!])));
  const [last, stacks] = [fresh(init.length), fresh(results.length - init.length)];
  outer.instructions.push({
    kind: 'loop',
    length,
    reverse,
    init,
    carried,
    next: results.slice(0, init.length),
    last,
    scanned,
    slices,
    stacked: results.slice(init.length),
    stacks,
    body: withFrees(scope.instructions, { given: [...carried, ...slices], kept: results }),
  });
  return [...last, ...stacks];
}
