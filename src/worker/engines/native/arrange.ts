/** @file The order in which maps walk: axes that are reduced come innermost, beside one chunk of elements, so that a sum stays in a register until it is complete.
 *  In: a plan. Out: one of the same meaning. */
import { sizeOf } from '../../../shared/graph/index.ts';
import type { Instruction, MapInstruction, Plan, Walk } from './instructions.ts';

/** Elements of a chunk, at most and at least: kernels/chunks.h has the first. */
const [most, least] = [512, 64];

export const arranged = (plan: Plan): Plan => ({ ...plan, instructions: plan.instructions.map(inOrder) });

function inOrder(instruction: Instruction): Instruction {
  switch (instruction.kind) {
    case 'map':
      return reducedInside(inBlocks(instruction));
    case 'loop':
      return { ...instruction, body: instruction.body.map(inOrder) };
    case 'product': {
      const { fused } = instruction;
      if (fused === undefined) return instruction;
      const { before, after } = fused;
      return {
        ...instruction,
        fused: {
          ...fused,
          before: before && reducedInside(before),
          after: after && reducedInside(after),
        },
      };
    }
    default:
      return instruction;
  }
}

/** Axes, but the last one, over which something is reduced. */
const reducedAxes = ({ sizes, reductions }: MapInstruction): number[] =>
  sizes.flatMap((_, axis) =>
    axis < sizes.length - 1 && reductions.some(r => r.strides[axis] === 0) ? [axis] : [],
  );

/** A long last axis that is not reduced, cut into chunks, where others are. */
function inBlocks(map: MapInstruction): MapInstruction {
  const { sizes, reductions } = map;
  const last = sizes.at(-1) ?? 1;
  const block = divisorsDown(last).find(n => n >= least);
  const pays = reducedAxes(map).length > 0 && reductions.every(r => r.strides.at(-1) !== 0);
  if (last <= most || block === undefined || !pays) return map;
  return walking(map, [...sizes.slice(0, -1), last / block, block], ({ strides }) => [
    ...strides.slice(0, -1),
    strides.at(-1)! * block,
    strides.at(-1)!,
  ]);
}

function reducedInside(map: MapInstruction): MapInstruction {
  const inside = reducedAxes(map);
  if (inside.length === 0) return map;
  const axes = map.sizes.map((_, axis) => axis);
  const outside = axes.filter(axis => !inside.includes(axis));
  const innermost = [...inside, outside.at(-1)!];
  const few = 2 * sizeOf(innermost.map(axis => map.sizes[axis]!)) <= most;
  const order = (few && asRead(map, axes)) || [...outside.slice(0, -1), ...innermost];
  return walking(
    map,
    order.map(axis => map.sizes[axis]!),
    ({ strides }) => order.map(axis => strides[axis]!),
  );
}

/** The order in which the elements of an operand lie, if one has them all: a chunk of several short sums is read as it is, and taken apart when they are complete. */
function asRead({ loads, sizes }: MapInstruction, axes: readonly number[]): number[] | undefined {
  const full = loads.find(({ strides }) => axes.every(axis => sizes[axis] === 1 || strides[axis] !== 0));
  return full && [...axes].sort((p, q) => full.strides[q]! - full.strides[p]!);
}

const walking = (
  map: MapInstruction,
  sizes: readonly number[],
  along: (walk: Walk) => number[],
): MapInstruction => {
  const moved = <W extends Walk>(walk: W): W => ({ ...walk, strides: along(walk) });
  return {
    ...map,
    sizes,
    loads: map.loads.map(moved),
    stores: map.stores.map(moved),
    reductions: map.reductions.map(moved),
  };
};

const divisorsDown = (n: number): number[] =>
  Array.from({ length: most }, (_, i) => most - i).filter(d => n % d === 0);
