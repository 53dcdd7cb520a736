/** @file Where instructions are written while a graph is lowered: the list of one scope (the program's, or a loop body's), and the slots and constants of the whole program. */
import { type Shape, sizeOf } from '../../../shared/graph/index.ts';
import type { Call, Instruction, Program, Slot } from './program.ts';

/** What a backend is good at. */
export interface Target {
  /** Whether its product of transposed matrices is as fast as any; where not, they are transposed first. */
  readonly transposedProducts: boolean;
}

/** Slots and constants are the program's: a body may use what stands outside it. */
export class Memory {
  slots = 0;
  readonly constants: Program['constants'][number][] = [];
  private readonly known = new Map<string, Slot>();

  slot(): Slot {
    return this.slots++;
  }

  /** A constant; equal ones are stored once. */
  constant(shape: Shape, data: ArrayLike<number>): Slot {
    const key = `${shape}:${Array.from(data)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const slot = this.slot();
    this.constants.push({ slot, shape, data: Float32Array.from(data) });
    this.known.set(key, slot);
    return slot;
  }
}

/** One list of instructions. */
export class Scope {
  readonly instructions: Instruction[] = [];

  constructor(
    readonly memory: Memory,
    readonly target: Target,
  ) {}

  /** Appends a kernel call and gives the slot of its result. */
  emit(kernel: string, inputs: Call['inputs'], attributes: Call['attributes'] = {}): Slot {
    const to = this.memory.slot();
    this.instructions.push({ kind: 'call', kernel, inputs, attributes, to });
    return to;
  }

  reshape(x: Slot, shape: Shape): Slot {
    return this.emit('Reshape', { x }, { shape });
  }

  /** The block of `sizes` that begins at `starts`; `x` itself where that is all of it. */
  block(x: Slot, shape: Shape, starts: readonly number[], sizes: readonly number[]): Slot {
    if (sizeOf(sizes) === sizeOf(shape)) return x;
    return this.emit('Slice', { x }, { begin: starts, size: sizes });
  }

  /** `x` with zeros around it. */
  pad(x: Slot, before: readonly number[], after: readonly number[]): Slot {
    if ([...before, ...after].every(n => n === 0)) return x;
    const paddings = before.map((n, axis) => [n, after[axis]!]);
    return this.emit('PadV2', { x }, { paddings, constantValue: 0 });
  }

  /** Parts side by side; one alone is the whole. */
  concat(parts: readonly Slot[], axis: number): Slot {
    return parts.length === 1 ? parts[0]! : this.emit('Concat', parts, { axis });
  }
}
