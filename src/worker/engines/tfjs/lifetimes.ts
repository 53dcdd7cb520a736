/** @file When a tensor may go. In: the instructions of a scope, what it owns and what must outlive it. Out: the same with the slots that are free after each. */
import type { Instruction, Slot, Step } from './program.ts';

/** Slots that get their value in a scope before its first instruction are `given`; those that are `kept` are handed on when it is over. */
export interface Ownership {
  readonly given: readonly Slot[];
  readonly kept: readonly Slot[];
}

/** Each slot that the scope owns is freed after the last instruction that reads it, or, read by none, as soon as it has its value. */
export function withFrees(instructions: readonly Instruction[], { given, kept }: Ownership): Step[] {
  const lastUse = new Map<Slot, number>(given.map(slot => [slot, 0]));
  instructions.forEach((instruction, at) => {
    for (const slot of writtenBy(instruction)) lastUse.set(slot, at);
    for (const slot of readBy(instruction)) if (lastUse.has(slot)) lastUse.set(slot, at);
  });
  for (const slot of kept) lastUse.delete(slot);
  const frees: Slot[][] = instructions.map(() => []);
  for (const [slot, at] of lastUse) frees[at]!.push(slot);
  return instructions.map((instruction, at) => ({ instruction, frees: frees[at]! }));
}

/** Slots to which an instruction gives a value, outside of its own body. */
export const writtenBy = (instruction: Instruction): readonly Slot[] =>
  instruction.kind === 'call' ? [instruction.to] : [...instruction.last, ...instruction.stacks];

/** Slots that an instruction reads; those in a loop's body are among them, its own ones too. */
export function readBy(instruction: Instruction): readonly Slot[] {
  if (instruction.kind === 'call') return Object.values(instruction.inputs);
  const { init, scanned, body } = instruction;
  return [...init, ...scanned, ...body.flatMap(step => readBy(step.instruction))];
}
