/** @file What instructions read and write. Pure; knows instructions only. */
import type { Fused, Instruction, MapInstruction } from './instructions.ts';
import type { Buffer } from './views.ts';

/** Adds to `users` for each buffer how many instructions name it, those inside loops too. */
export function countUsers(list: readonly Instruction[], users: Map<Buffer, number>): void {
  for (const instruction of list) {
    for (const buffer of named(instruction)) users.set(buffer, (users.get(buffer) ?? 0) + 1);
    if (instruction.kind === 'loop') countUsers(instruction.body, users);
  }
}

/** Buffers that an instruction itself names: of a loop, not those that only its body does. */
export const named = (instruction: Instruction): Set<Buffer> =>
  instruction.kind === 'loop'
    ? new Set([
        ...instruction.slices.flatMap(({ buffer, from }) => [buffer, from.buffer]),
        ...instruction.swaps.flat(),
      ])
    : new Set([...reads(instruction), ...writes(instruction)]);

/** Whether an instruction reads or writes `buffer`. */
export const touches = (instruction: Instruction, buffer: Buffer): boolean =>
  reads(instruction).has(buffer) || writes(instruction).has(buffer);

/** Buffers that an instruction reads; a loop, all that it touches. */
export function reads(instruction: Instruction): Set<Buffer> {
  switch (instruction.kind) {
    case 'product': {
      const { a, b, addend, fused: maps } = instruction;
      const own = [a.buffer, b.buffer, ...(addend ? [addend.buffer] : [])];
      return new Set([...own, ...partsOf(maps).flatMap(map => [...reads(map)])]);
    }
    case 'map':
      return new Set(instruction.loads.map(w => w.buffer));
    case 'logSoftmax':
      return new Set([instruction.x.buffer]);
    case 'loop':
      return new Set([
        ...named(instruction),
        ...instruction.body.flatMap(inner => [...reads(inner), ...writes(inner)]),
      ]);
  }
}

/** Buffers that an instruction writes; a loop, all that it touches. */
export function writes(instruction: Instruction): Set<Buffer> {
  switch (instruction.kind) {
    case 'product':
      return new Set([
        instruction.out.buffer,
        ...partsOf(instruction.fused).flatMap(map => [...writes(map)]),
      ]);
    case 'map':
      return new Set([...instruction.stores, ...instruction.reductions].map(w => w.buffer));
    case 'logSoftmax':
      return new Set([instruction.out.buffer]);
    case 'loop':
      return reads(instruction);
  }
}

const partsOf = (maps: Fused | undefined): MapInstruction[] =>
  [maps?.before, maps?.after].filter(map => map !== undefined);
