/** @file The engine with kernels of its own: float32, one thread, memory that is planned when it compiles. `npm run build:native` makes the kernels. */
import type { Graph } from '../../../shared/graph/index.ts';
import type { Compiled, Engine, Numbers } from '../engine.ts';
import { addon, bestSet, type InstructionSet } from './addon.ts';
import { arranged } from './arrange.ts';
import { encode } from './encode.ts';
import { fused } from './fusion.ts';
import type { Plan } from './instructions.ts';
import { laned } from './lanes.ts';
import { lower } from './lower.ts';
import { kernelsVersion } from './version.ts';

/** The engine on one instruction set. */
export const nativeOn = (set: InstructionSet): Engine => ({
  name: 'native',
  version: `kernels ${kernelsVersion}`,
  native: false, // a thread may be stopped: it ends when the call that is running has returned
  compile: async graph => compiled(graph, planned(graph), set),
  compileLanes: async (graph, lanes, own) => compiled(graph, plannedLanes(graph, lanes, own), set),
});

export const native = nativeOn(bestSet);

/** What the kernels do for `graph`. */
export const planned = (graph: Graph): Plan => arranged(fused(lower(graph)));

/** What they do for so many lanes at once: see `Engine.compileLanes`. */
export function plannedLanes(graph: Graph, lanes: number, own: ReadonlySet<string>): Plan {
  const plan = planned(graph);
  return laned(plan, lanes, new Set(plan.inputs.filter((_, i) => own.has(graph.inputs[i]!.name))));
}

function compiled(graph: Graph, plan: Plan, set: InstructionSet): Compiled {
  const { words, constants, memory, outputs } = encode(plan);
  const program = addon.create(words, constants, memory, set);
  return {
    run: async (inputs, room) => {
      const given = graph.inputs.map(({ name }, i) => {
        checkLength(`input ${name}`, inputs[i]!, plan.inputs[i]!.size);
        return inputs[i] instanceof Float32Array ? inputs[i] : Float32Array.from(inputs[i]!);
      });
      const results = outputs.map((size, i) => {
        const own = room?.[i] ?? new Float32Array(size);
        checkLength(`room for output ${i}`, own, size);
        return own;
      });
      addon.run(program, given, results);
      return results;
    },
  };
}

function checkLength(what: string, { length }: Numbers, expected: number): void {
  if (length !== expected) throw new RangeError(`${what}: expected ${expected} values, got ${length}`);
}
