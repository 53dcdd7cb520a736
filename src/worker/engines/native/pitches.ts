/** @file Of which buffers each lane has its own, where a plan is computed for several: see lanes.ts. Pure; knows instructions only. */
import type { Instruction, Plan } from './instructions.ts';
import { reads, writes } from './usage.ts';
import type { Buffer } from './views.ts';

/** Buffers of which each lane has its own, with their sizes, or those of what they are cut from: the outputs, `own`, and all that is computed with them. */
export function pitchesOf(plan: Plan, own: ReadonlySet<Buffer>): Map<Buffer, number> {
  const found = new Set([...own, ...plan.outputs.map(({ buffer }) => buffer)]);
  const sources = new Map<Buffer, Buffer>();
  const spread = (among: readonly Buffer[], to: readonly Buffer[] = among): void => {
    if (among.some(buffer => found.has(buffer))) for (const buffer of to) found.add(buffer);
  };
  const visit = (list: readonly Instruction[]): void => {
    for (const instruction of list)
      if (instruction.kind === 'loop') {
        for (const { buffer, from } of instruction.slices) {
          sources.set(buffer, from.buffer);
          spread([buffer, from.buffer]);
        }
        for (const pair of instruction.swaps) spread(pair);
        visit(instruction.body);
      } else {
        const made = [...writes(instruction)].filter(buffer => !isLocal(instruction, buffer));
        spread([...reads(instruction), ...made], made);
      }
  };
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    visit(plan.instructions);
  }
  const sourceOf = (buffer: Buffer): Buffer => {
    const source = sources.get(buffer);
    return source === undefined ? buffer : sourceOf(source);
  };
  return new Map([...found].map(buffer => [buffer, sourceOf(buffer).size]));
}

/** Whether a buffer holds only those columns of a product that are worked on, so that lanes can take turns. */
const isLocal = (instruction: Instruction, buffer: Buffer): boolean =>
  instruction.kind === 'product' &&
  ((instruction.fused?.localB === true && buffer === instruction.b.buffer) ||
    (instruction.fused?.localOut === true && buffer === instruction.out.buffer));
