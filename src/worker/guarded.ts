/** @file An engine whose thread counts as inside its runtime while it compiles or runs (src/shared/exitGuard.ts). Between two runs of a task it counts as outside: a long task
 *  need not end before the process may. Knows no runtime and no task. */
import type { Gate } from '../shared/exitGuard.ts';
import type { Compiled, Engine } from './engines/engine.ts';

/** `engine` behind `gate`; one that computes in JavaScript can be stopped anywhere, and stays as it is. */
export function guarded(engine: Engine, gate: Gate): Engine {
  if (!engine.native) return engine;
  const { compileLanes } = engine;
  const entered = async (compile: () => Promise<Compiled>): Promise<Compiled> => {
    const compiled = await gate(compile);
    return { run: (...given) => gate(() => compiled.run(...given)) };
  };
  return {
    ...engine,
    compile: graph => entered(() => engine.compile(graph)),
    ...(compileLanes && { compileLanes: (...given) => entered(() => compileLanes(...given)) }),
  };
}
