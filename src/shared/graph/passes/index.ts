/** @file The passes in the order in which they run. Each takes a graph to one of the same meaning. */
import { print } from '../print.ts';
import type { Graph } from '../tensor.ts';
import { common } from './common.ts';
import { dead } from './dead.ts';
import { fuse } from './fuse.ts';
import { gather } from './gather.ts';
import { rewrite } from './rewrite.ts';
import { fold, simplify } from './simplify.ts';

export type Pass = (graph: Graph) => Graph;

/** Each pass by name. */
export const passes = {
  fold: graph => rewrite(graph, fold),
  simplify: graph => rewrite(graph, simplify),
  common: graph => rewrite(graph, common()),
  gather: graph => rewrite(graph, gather()),
  dead,
  fuse: graph => rewrite(graph, fuse),
} as const satisfies Record<string, Pass>;

/** Rounds after which simplifying gives up: each round moves a pattern by one node, and graphs here settle within ten. */
const roundLimit = 50;

/** Simplifies until nothing changes. */
export function simplified(graph: Graph): Graph {
  const rounds: readonly Pass[] = [passes.fold, passes.simplify, passes.common, passes.gather, passes.dead];
  let text = print(graph);
  for (let round = 0; round < roundLimit; round++) {
    graph = rounds.reduce((g, pass) => pass(g), graph);
    const next = print(graph);
    if (next === text) break;
    text = next;
  }
  return graph;
}

/** Simplifies, then fuses: what an engine should be given. */
export const optimise: Pass = graph => passes.dead(passes.common(passes.fuse(simplified(graph))));
