/** @file A plan as the addon reads it: one array of integers. kernels/plan.cc reads what is written here, word for word. */
import type { FusedOp, Instruction, MapInstruction, MapOp, Place, Plan, Walk } from './instructions.ts';
import { memoryOf } from './memory.ts';
import { type Buffer, type Dim, merged } from './views.ts';

/** Numbers of the elementwise operators; kernels/elementwise.h has the same list. */
const mapOps: { readonly [O in MapOp | FusedOp]: number } = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  greater: 4,
  neg: 5,
  exp: 6,
  log: 7,
  tanh: 8,
  sqrt: 9,
  softplus: 10,
  relu: 11,
  mulAdd: 12,
  mulFrom: 13,
  mulSub: 14,
};

/** Axes of a map, at most: kernels/plan.h. */
const maxAxes = 12;

/** Of a product that takes no maps along: all columns at once. */
const wholeGroup = 2 ** 30;

/** Where a buffer lies. */
const spaces = { arena: 0, input: 1, output: 2, constant: 3, slice: 4 } as const;

const kinds = { product: 0, map: 1, logSoftmax: 2, loop: 3 } as const satisfies {
  readonly [K in Instruction['kind']]: number;
};

export interface Encoded {
  readonly words: Int32Array;
  /** All constants, one after the other. */
  readonly constants: Float32Array;
  /** Memory for everything else, in floats. */
  readonly memory: number;
  /** Lengths of the outputs, in floats. */
  readonly outputs: readonly number[];
}

export function encode(plan: Plan): Encoded {
  const { offsets, size } = memoryOf(plan);
  const slots = new Map<Buffer, number>();
  const placed: number[] = [];
  const put = (buffer: Buffer, space: keyof typeof spaces, at: number): void => {
    if (slots.has(buffer)) return;
    slots.set(buffer, slots.size);
    placed.push(spaces[space], at);
  };
  plan.inputs.forEach((buffer, i) => put(buffer, 'input', i));
  plan.outputs.forEach(({ buffer }, i) => put(buffer, 'output', i));
  let end = 0;
  for (const [buffer, data] of plan.constants) {
    put(buffer, 'constant', end);
    end += data.length;
  }
  const constants = new Float32Array(end);
  let at = 0;
  for (const data of plan.constants.values()) {
    constants.set(data, at);
    at += data.length;
  }
  for (const [buffer, offset] of offsets) put(buffer, 'arena', offset);
  const slotOf = (buffer: Buffer): number => {
    put(buffer, 'slice', 0);
    return slots.get(buffer)!;
  };
  const body = plan.instructions.flatMap(instruction => words(instruction, slotOf));
  return {
    words: Int32Array.from([slots.size, ...placed, ...body]),
    constants,
    memory: size,
    outputs: plan.outputs.map(({ buffer }) => buffer.size),
  };
}

type SlotOf = (buffer: Buffer) => number;

/** An instruction: its kind, the number of words that follow, and these. */
function words(instruction: Instruction, slotOf: SlotOf): number[] {
  const place = ({ buffer, offset }: Place): number[] => [slotOf(buffer), offset];
  const list = (items: readonly (readonly number[])[]): number[] => [items.length, ...items.flat()];
  const map = ({ sizes, registers, loads, steps, stores, reductions }: MapInstruction): number[] => {
    if (sizes.length > maxAxes)
      throw new RangeError(`a map of ${sizes.length} axes: the kernels have ${maxAxes}`);
    const walk = (w: Walk): number[] => [...place(w), w.register, +(w.local ?? false)];
    return [
      ...list(sizes.map(n => [n])),
      registers,
      ...list(loads.map(w => [...walk(w), ...w.strides])),
      ...list(steps.map(s => [mapOps[s.op], s.out, s.a, s.b, s.c])),
      ...list(stores.map(w => [...walk(w), ...w.strides])),
      ...list(reductions.map(w => [...walk(w), w.how === 'max' ? 1 : 0, w.outSize, ...w.strides])),
    ];
  };
  const content = (): number[] => {
    switch (instruction.kind) {
      case 'product': {
        const { m, n, k, parts = [{}], inner, alpha, a, b, addend, out, fused } = instruction;
        return [
          m,
          n,
          k,
          floatBits(alpha),
          ...place(a),
          ...axis(a.rows),
          ...axis(a.columns),
          ...place(b),
          ...axis(b.rows),
          ...axis(b.columns),
          ...list(parts.map(part => [part.rows, part.columns, part.depths].flatMap(places))),
          ...(addend ? [1, ...place(addend), ...addend.strides] : [0, 0, 0, 0, 0]),
          ...place(out),
          ...out.strides,
          +inner,
          fused?.group ?? wholeGroup,
          +(fused?.localB ?? false),
          +(fused?.localOut ?? false),
          ...[fused?.before, fused?.after].flatMap(part => (part ? [1, ...map(part)] : [0])),
        ];
      }
      case 'map':
        return map(instruction);
      case 'logSoftmax': {
        const { rows, classes, x, out } = instruction;
        return [rows, classes, ...place(x), ...x.strides, ...place(out)];
      }
      case 'loop': {
        const { length, reverse, slices, swaps, body } = instruction;
        return [
          length,
          reverse ? 1 : 0,
          ...list(slices.map(s => [slotOf(s.buffer), ...place(s.from), s.stride])),
          ...list(swaps.map(pair => pair.map(slotOf))),
          ...body.flatMap(inner => words(inner, slotOf)),
        ];
      }
    }
  };
  const following = content();
  return [kinds[instruction.kind], following.length, ...following];
}

/** A list of places, or -1 for all. */
const places = (list: readonly number[] | undefined): number[] => (list ? [list.length, ...list] : [-1]);

/** An axis of a matrix: its length in dims, then size and stride of each. */
const axis = (dims: readonly Dim[]): number[] => {
  const joined = merged(dims);
  return [joined.length, ...joined.flatMap(({ size, stride }) => [size, stride])];
};

const floatBits = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0]!;
