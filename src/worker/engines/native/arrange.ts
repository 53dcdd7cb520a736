/** @file The order in which maps walk: axes that are reduced come innermost, beside one chunk of elements, so that a sum stays in a register until it is complete.
 *  In: a plan. Out: one of the same meaning. */
import { sizeOf } from '../../../shared/graph/index.ts';
import type { Instruction, MapInstruction, Plan, Walk } from './instructions.ts';
import { identity } from './order.ts';

/** Elements of a chunk, at most and at least: kernels/chunks.h has the first. */
const [most, least] = [512, 128];

export const arranged = (plan: Plan): Plan => ({ ...plan, instructions: plan.instructions.map(inOrder) });

function inOrder(instruction: Instruction): Instruction {
  switch (instruction.kind) {
    case 'map':
      return besideChunk(inBlocks(instruction));
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
          before: before && besideColumns(before),
          after: after && besideColumns(after),
        },
      };
    }
    default:
      return instruction;
  }
}

/** First of the last axes that go into one chunk whole. */
function chunkAxis(sizes: readonly number[]): number {
  let [axis, inside] = [sizes.length, 1];
  while (axis > 0 && inside * sizes[axis - 1]! <= most) inside *= sizes[--axis]!;
  return axis;
}

/** The axis of which a chunk holds a part, cut into parts of one size, where something is reduced over axes outside of it but not over itself. */
function inBlocks(map: MapInstruction): MapInstruction {
  const { sizes, reductions } = map;
  const axis = chunkAxis(sizes) - 1;
  const inside = sizeOf(sizes.slice(axis + 1));
  const block = divisorsDown(sizes[axis] ?? 1).find(n => n * inside <= most);
  const pays = reducedAxes(map, axis).length > 0 && reductions.every(r => r.strides[axis] !== 0);
  if (axis < 0 || block === undefined || block === 1 || block * inside < least || !pays) return map;
  const cut = (values: readonly number[], outer: number, inner: number): number[] =>
    values.toSpliced(axis, 1, outer, inner);
  return walking(map, cut(sizes, sizes[axis]! / block, block), ({ strides }) =>
    cut(strides, strides[axis]! * block, strides[axis]!),
  );
}

/** Axes before `end` over which something is reduced. */
const reducedAxes = ({ sizes, reductions }: MapInstruction, end: number): number[] =>
  sizes.flatMap((_, axis) => (axis < end && reductions.some(r => r.strides[axis] === 0) ? [axis] : []));

/** Reduced axes beside the last one, which a product cuts. */
const besideColumns = (map: MapInstruction): MapInstruction => reducedBefore(map, map.sizes.length - 1);

/** Reduced axes beside what goes into a chunk, with the axis of which it holds a part where it would be short. Where all of them are in it the sums are short: such a chunk is
 *  read as an operand lies, and taken apart when they are complete. */
function besideChunk(map: MapInstruction): MapInstruction {
  const axis = chunkAxis(map.sizes);
  const end = sizeOf(map.sizes.slice(axis)) < least ? axis - 1 : axis;
  return reducedAxes(map, end).length > 0 ? reducedBefore(map, end) : asRead(map);
}

/** Reduced axes before axis `end` moved next to it. */
function reducedBefore(map: MapInstruction, end: number): MapInstruction {
  const axes = identity(map.sizes);
  const inside = reducedAxes(map, end);
  return inOrderOf(map, [
    ...axes.filter(axis => axis < end && !inside.includes(axis)),
    ...inside,
    ...axes.filter(axis => axis >= end),
  ]);
}

/** A map that reduces, in the order in which the elements of an operand lie, if one has them all. */
function asRead(map: MapInstruction): MapInstruction {
  const axes = identity(map.sizes);
  const full = map.loads.find(({ strides }) =>
    axes.every(axis => map.sizes[axis] === 1 || strides[axis] !== 0),
  );
  if (full === undefined || reducedAxes(map, axes.length - 1).length === 0) return map;
  return inOrderOf(
    map,
    [...axes].sort((p, q) => full.strides[q]! - full.strides[p]!),
  );
}

const inOrderOf = (map: MapInstruction, order: readonly number[]): MapInstruction =>
  walking(
    map,
    order.map(axis => map.sizes[axis]!),
    ({ strides }) => order.map(axis => strides[axis]!),
  );

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
