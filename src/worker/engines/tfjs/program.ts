/** @file What a graph is lowered to: kernel calls over numbered slots, and loops of them. Plain data; knows no graph and no tfjs. */
import type { Shape } from '../../../shared/graph/index.ts';

/** A place for one tensor. Each is owned by the scope (the program, a loop's body) in which it gets its value; bodies see the slots around them. */
export type Slot = number;

export type Instruction = Call | Loop;

/** `to` becomes what the kernel gives for `inputs`: by the kernel's own names, or in a list for those that take any number. */
export interface Call {
  readonly kind: 'call';
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Slot>> | readonly Slot[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly to: Slot;
}

/** `body`, `length` times. Before the first iteration `carried` take copies of `init`; before each one `slices` take their slices of `scanned`; after each one `next` move
 *  to `carried`, and `stacked` are put aside. In the end `carried` move to `last`, and what was put aside becomes `stacks`, in the order of the slices. */
export interface Loop {
  readonly kind: 'loop';
  readonly length: number;
  /** From the last slice to the first. */
  readonly reverse: boolean;
  readonly init: readonly Slot[];
  readonly carried: readonly Slot[];
  readonly next: readonly Slot[];
  readonly last: readonly Slot[];
  readonly scanned: readonly Slot[];
  readonly slices: readonly Slot[];
  readonly stacked: readonly Slot[];
  readonly stacks: readonly Slot[];
  readonly body: readonly Step[];
}

/** An instruction, and the slots whose tensors nobody reads after it. */
export interface Step {
  readonly instruction: Instruction;
  readonly frees: readonly Slot[];
}

export interface Program {
  readonly slots: number;
  readonly inputs: readonly { readonly slot: Slot; readonly shape: Shape }[];
  /** Filled once, never freed. */
  readonly constants: readonly { readonly slot: Slot; readonly shape: Shape; readonly data: Float32Array }[];
  readonly steps: readonly Step[];
  /** Each in a slot of its own. */
  readonly outputs: readonly Slot[];
}
