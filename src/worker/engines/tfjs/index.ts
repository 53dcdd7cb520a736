/** @file The engine on tfjs: float32, on one of three backends. Which one is part of a run's identity, as their last bits differ. */
import type { Graph } from '../../../shared/graph/index.ts';
import type { Compiled, Engine, TfjsBackend } from '../engine.ts';
import { backends, loadTfjs } from './backends.ts';
import { lower } from './lower.ts';
import { runner } from './run.ts';

/** Loads tfjs with `backend`. @throws DistillError 'usage' when that cannot be. */
export async function tfjs(backend: TfjsBackend): Promise<Engine> {
  const { tf, computes, select } = await loadTfjs(backend);
  return {
    name: 'tfjs',
    version: computes,
    native: backends[backend].native,
    compile: async (graph: Graph): Promise<Compiled> => {
      const program = lower(graph, backends[backend].target);
      select();
      const run = runner(tf, program);
      return {
        run: async inputs => {
          select();
          return run(inputs);
        },
      };
    },
  };
}
