/** @file An engine whose thread counts as inside its runtime while it compiles or runs (src/shared/exitGuard.ts). Between two runs of a task it counts as outside: a long task
 *  need not end before the process may. Knows no runtime and no task. */
import type { Gate } from '../shared/exitGuard.ts';
import type { Engine } from './engines/engine.ts';

/** `engine` behind `gate`; one that computes in JavaScript can be stopped anywhere, and stays as it is. */
export function guarded(engine: Engine, gate: Gate): Engine {
  if (!engine.native) return engine;
  return {
    ...engine,
    compile: async graph => {
      const compiled = await gate(() => engine.compile(graph));
      return { run: (...given) => gate(() => compiled.run(...given)) };
    },
  };
}
