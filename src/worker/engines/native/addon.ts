/** @file The addon kernels/addon.cc and its functions. @throws on import Error where it was not built, or the processor has none of its instruction sets */
import { createRequire } from 'node:module';

export type InstructionSet = 'avx512' | 'avx2';

/** A plan made ready to run, with memory of its own. Not for two threads at once. */
export interface Program {
  readonly brand: unique symbol;
}

interface Addon {
  /** Those the processor has, the best one first. Results are the same bytes on all of them. */
  instructionSets(): readonly InstructionSet[];
  /** @param words and @param constants as encode.ts gives them @param memory in floats */
  create(words: Int32Array, constants: Float32Array, memory: number, set: InstructionSet): Program;
  /** Inputs and outputs have the plan's lengths: it is not checked. */
  run(program: Program, inputs: readonly Float32Array[], outputs: readonly Float32Array[]): void;
  /** Milliseconds that each instruction took since the last call, in the order in which they are encoded, loops with all inside; times are taken from the first call on. */
  times(program: Program): number[];
}

/** Where scripts/buildKernels.mjs puts it: beside src and dist. */
const path = `../../../../prebuilds/${process.platform}-${process.arch}/kernels.node`;

export const addon = createRequire(import.meta.url)(path) as Addon;

/** The best instruction set. */
export const bestSet: InstructionSet = (() => {
  const [best] = addon.instructionSets();
  if (best === undefined) throw new Error('this processor has no AVX2 with fused multiply-add');
  return best;
})();
