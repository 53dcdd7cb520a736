/** @file The engine with kernels of its own: float32, one thread, memory that is planned when it compiles. `npm run build:native` makes the kernels. */
import { type Graph, sizeOf } from '../../../shared/graph/index.ts';
import type { Compiled, Engine, Numbers } from '../engine.ts';
import { addon, bestSet, type InstructionSet } from './addon.ts';
import { arranged } from './arrange.ts';
import { encode } from './encode.ts';
import { fused } from './fusion.ts';
import type { Plan } from './instructions.ts';
import { lower } from './lower.ts';
import { kernelsVersion } from './version.ts';

/** The engine on one instruction set. */
export const nativeOn = (set: InstructionSet): Engine => ({
  name: 'native',
  version: `kernels ${kernelsVersion}`,
  native: false, // a thread may be stopped: it ends when the call that is running has returned
  compile: async graph => compiled(graph, set),
});

export const native = nativeOn(bestSet);

/** What the kernels do for `graph`. */
export const planned = (graph: Graph): Plan => arranged(fused(lower(graph)));

function compiled(graph: Graph, set: InstructionSet): Compiled {
  const { words, constants, memory, outputs } = encode(planned(graph));
  const program = addon.create(words, constants, memory, set);
  const lengths = graph.inputs.map(({ shape }) => sizeOf(shape));
  return {
    run: async (inputs, room) => {
      const given = graph.inputs.map(({ name }, i) => {
        checkLength(`input ${name}`, inputs[i]!, lengths[i]!);
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
