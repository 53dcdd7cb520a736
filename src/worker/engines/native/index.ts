/** @file The engine with kernels of its own: float32, one thread, memory that is planned when it compiles. `npm run build:native` makes the kernels. */
import { type Graph, sizeOf } from '../../../shared/graph/index.ts';
import type { Compiled, Engine } from '../engine.ts';
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
  return {
    run: async inputs => {
      const given = graph.inputs.map(({ name, shape }, i) => {
        const values = inputs[i]!;
        if (values.length !== sizeOf(shape))
          throw new RangeError(`input ${name}: expected ${sizeOf(shape)} values, got ${values.length}`);
        return values instanceof Float32Array ? values : Float32Array.from(values);
      });
      const results = outputs.map(size => new Float32Array(size));
      addon.run(program, given, results);
      return results;
    },
  };
}
