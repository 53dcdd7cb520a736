/** @file Where the buffers of a plan lie in one block of memory: two whose times of use do not overlap may share a place. In: a plan. Out: offsets in floats. */
import { replaceable } from './inPlace.ts';
import type { Instruction, Loop, MapInstruction, Plan } from './instructions.ts';
import { named } from './usage.ts';
import type { Buffer } from './views.ts';

/** Buffers begin at multiples of this, in floats: a cache line. */
const line = 16;

/** Large buffers, of a page or more in floats, lie so far apart that those of equal size do not begin at the same place of a page: there loads wait for stores to
 *  other buffers. */
const page = 1024;
const apart = 5 * line;

export interface Memory {
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** In floats. */
  readonly size: number;
}

/** First and last instruction that touches a buffer, by number. */
interface Use {
  first: number;
  last: number;
}

export function memoryOf({ instructions, inputs, outputs, constants }: Plan): Memory {
  const { uses, maps } = usesOf(instructions);
  for (const buffer of [...inputs, ...outputs.map(view => view.buffer), ...constants.keys()])
    uses.delete(buffer);
  const places = placesOf(uses, maps);
  const placed: { readonly use: Use; readonly from: number; readonly to: number }[] = [];
  const offsets = new Map<Buffer, number>();
  let size = 0;
  for (const [buffer, use] of [...uses].sort(([a], [b]) => b.size - a.size)) {
    const length = Math.ceil(buffer.size / line) * line + (buffer.size >= page ? apart : 0);
    const taken = placed
      .filter(other => other.use.first <= use.last && use.first <= other.use.last)
      .sort((a, b) => a.from - b.from);
    let from = 0;
    for (const other of taken) {
      if (from + length <= other.from) break;
      from = Math.max(from, other.to);
    }
    placed.push({ use, from, to: from + length });
    for (const sharing of places.get(buffer)!) offsets.set(sharing, from);
    size = Math.max(size, from + length);
  }
  return { offsets, size };
}

/** Buffers by the one whose place they have, itself among them: results of maps take that of an operand whose last use this is. Of `uses` only those are left that have places. */
function placesOf(uses: Map<Buffer, Use>, maps: ReadonlyMap<MapInstruction, number>): Map<Buffer, Buffer[]> {
  const places = new Map([...uses.keys()].map(buffer => [buffer, [buffer]]));
  const holders = new Map<Buffer, Buffer>();
  for (const [map, now] of maps)
    for (const [result, operand] of replaceable(map)) {
      const holder = holders.get(operand) ?? operand;
      const [own, given] = [uses.get(result), uses.get(holder)];
      if (own?.first !== now || given?.last !== now) continue;
      given.last = own.last;
      places.get(holder)!.push(result);
      holders.set(result, holder);
      for (const gone of [uses, places]) gone.delete(result);
    }
  return places;
}

/** When each buffer is in use, and when each map runs. What a loop shares with the outside, or passes from iteration to iteration, is in use during all of it. Slices lie in another
 *  buffer, which counts instead. */
function usesOf(instructions: readonly Instruction[]): {
  uses: Map<Buffer, Use>;
  maps: Map<MapInstruction, number>;
} {
  const uses = new Map<Buffer, Use>();
  const maps = new Map<MapInstruction, number>();
  const loops: {
    readonly first: number;
    readonly last: number;
    readonly inside: Set<Buffer>;
    readonly loop: Loop;
  }[] = [];
  let now = 0;
  const touch = (buffer: Buffer): void => {
    const use = uses.get(buffer);
    if (use === undefined) uses.set(buffer, { first: now, last: now });
    else use.last = now;
  };
  const walk = (list: readonly Instruction[]): Set<Buffer> => {
    const all = new Set<Buffer>();
    for (const instruction of list) {
      now++;
      const own = named(instruction);
      own.forEach(touch);
      for (const buffer of own) all.add(buffer);
      if (instruction.kind === 'map') maps.set(instruction, now);
      if (instruction.kind !== 'loop') continue;
      const first = now;
      const inside = walk(instruction.body);
      now++;
      own.forEach(touch);
      loops.push({ first, last: now, inside, loop: instruction });
      for (const buffer of inside) all.add(buffer);
    }
    return all;
  };
  walk(instructions);
  for (const { first, last, inside } of loops.reverse())
    for (const buffer of inside) {
      const use = uses.get(buffer)!;
      if (use.first >= first && use.last <= last) continue;
      use.first = Math.min(use.first, first);
      use.last = Math.max(use.last, last);
    }
  for (const { loop } of loops) {
    // Two that changed places may each be found where the other one was.
    for (const pair of loop.swaps) {
      const [a, b] = pair.map(buffer => uses.get(buffer)!) as [Use, Use];
      a.first = b.first = Math.min(a.first, b.first);
      a.last = b.last = Math.max(a.last, b.last);
    }
    for (const { buffer } of loop.slices) uses.delete(buffer);
  }
  return { uses, maps };
}
