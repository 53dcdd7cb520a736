/** @file Several lanes in one plan: the same instructions for sets of inputs of which some are common to all. What depends on those alone is computed once; the rest lies lane after
 *  lane, and an instruction runs along all lanes at once where each lane's numbers come to the same bits as alone, else once for each. In: a plan of one lane, ready to be encoded.
 *  Out: one of the same meaning in each lane. Knows the kernels' order of sums. */
import { sizeOf } from '../../../shared/graph/index.ts';
import type { Instruction, LogSoftmax, MapInstruction, Place, Plan, Product, Walk } from './instructions.ts';
import { joined } from './order.ts';
import { pitchesOf } from './pitches.ts';
import { writes } from './usage.ts';
import type { Buffer, Dim } from './views.ts';

/** From so many elements on a chunk does not go on to where a walk would jump: kernels/chunks.h. */
const enough = 64;

/** `plan` for so many lanes. Inputs of `own`, and all outputs, have the lanes one after the other. */
export function laned(plan: Plan, lanes: number, own: ReadonlySet<Buffer>): Plan {
  const pitches = pitchesOf(plan, own);
  const { wide, instructions } = new Lanes(lanes, pitches);
  return {
    ...plan,
    instructions: instructions(plan.instructions),
    inputs: plan.inputs.map(wide),
    outputs: plan.outputs.map(view => ({ ...view, buffer: wide(view.buffer) })),
  };
}

class Lanes {
  private readonly widened = new Map<Buffer, Buffer>();

  constructor(
    private readonly lanes: number,
    /** Floats from lane to lane, of the buffers that each lane has for itself. */
    private readonly pitches: ReadonlyMap<Buffer, number>,
  ) {}

  /** The buffer that has all lanes of `buffer`; itself, where it is common to all. */
  readonly wide = (buffer: Buffer): Buffer => {
    if (!this.pitches.has(buffer)) return buffer;
    const known = this.widened.get(buffer) ?? { size: this.lanes * buffer.size };
    this.widened.set(buffer, known);
    return known;
  };

  readonly instructions = (list: readonly Instruction[]): Instruction[] =>
    list.flatMap(instruction => {
      if (instruction.kind === 'loop') {
        const { slices, swaps, body } = instruction;
        return {
          ...instruction,
          slices: slices.map(s => ({ ...s, buffer: this.wide(s.buffer), from: this.in(0)(s.from) })),
          swaps: swaps.map(([a, b]) => [this.wide(a), this.wide(b)] as const),
          body: this.instructions(body),
        };
      }
      if (![...writes(instruction)].some(buffer => this.pitches.has(buffer))) return instruction;
      return (
        this.together(instruction) ??
        Array.from({ length: this.lanes }, (_, lane) => placed(instruction, this.in(lane)))
      );
    });

  /** One instruction for all lanes, where it gives the same. */
  private together(instruction: Calculation): Calculation | undefined {
    switch (instruction.kind) {
      case 'map':
        return this.map(instruction);
      case 'logSoftmax':
        return this.logSoftmax(instruction);
      case 'product':
        return this.product(instruction);
    }
  }

  /** With the lanes as one more axis, which is not joined with others where something is reduced: so a chunk holds the same part of a lane as alone, or several whole lanes. A single
   *  sum is then taken element after element, where it is taken in pairs alone. */
  private map(map: MapInstruction): MapInstruction | undefined {
    const { sizes, reductions } = map;
    const elements = sizeOf(sizes);
    const inPairs = reductions.some(r =>
      r.strides.every((stride, axis) => stride === 0 || sizes[axis] === 1),
    );
    if (inPairs && elements > 1 && elements < enough) return undefined;
    if (reductions.some(r => this.pitch(r) !== r.outSize)) return undefined;
    const along = <W extends Walk>(walk: W): W => ({
      ...this.in(0)(walk),
      strides: [this.pitch(walk), ...walk.strides],
    });
    const all = {
      ...map,
      sizes: [this.lanes, ...sizes],
      loads: map.loads.map(along),
      stores: map.stores.map(along),
      reductions: reductions.map(r => ({ ...along(r), outSize: this.lanes * r.outSize })),
    };
    return reductions.length === 0 ? joined(all) : all;
  }

  /** With more rows, where those of a lane go on as the next one's. */
  private logSoftmax(s: LogSoftmax): LogSoftmax | undefined {
    const { rows, classes, x, out } = s;
    const stride = this.goesOn(x, rows, x.strides[0]);
    if (stride === undefined || this.goesOn(out, rows, classes) !== classes) return undefined;
    const at = this.in(0);
    return { ...s, rows: this.lanes * rows, x: { ...at(x), strides: [stride, x.strides[1]] }, out: at(out) };
  }

  /** With more rows, where B is common to all, and the rows of what is added and of the result go on from lane to lane. */
  private product(p: Product): Product | undefined {
    const { m, a, b, addend, out, parts, fused } = p;
    const [added, stride] = [
      addend && this.goesOn(addend, m, addend.strides[0]),
      this.goesOn(out, m, out.strides[0]),
    ];
    const apart = (addend !== undefined && added === undefined) || stride === undefined;
    if (apart || parts !== undefined || fused !== undefined || this.pitches.has(b.buffer)) return undefined;
    const at = this.in(0);
    const between: Dim = { size: this.lanes, stride: this.pitch(a) };
    return {
      ...p,
      m: this.lanes * m,
      a: { ...at(a), rows: [between, ...a.rows] },
      addend: addend && { ...at(addend), strides: [added!, addend.strides[1]] },
      out: { ...at(out), strides: [stride, out.strides[1]] },
    };
  }

  /** The stride of all lanes' rows, if it is one. */
  private goesOn(place: Place, rows: number, stride: number): number | undefined {
    const between = this.pitch(place);
    if (rows === 1) return between;
    return rows * stride === between ? stride : undefined;
  }

  private pitch({ buffer }: Place): number {
    return this.pitches.get(buffer) ?? 0;
  }

  /** Where a place lies in a lane. */
  private in(lane: number): Move {
    return place => ({
      ...place,
      buffer: this.wide(place.buffer),
      offset: place.offset + lane * this.pitch(place),
    });
  }
}

type Calculation = Product | MapInstruction | LogSoftmax;
type Move = <P extends Place>(place: P) => P;

/** An instruction with all its places moved. */
function placed(instruction: Calculation, move: Move): Calculation {
  switch (instruction.kind) {
    case 'map':
      return placedMap(instruction, move);
    case 'logSoftmax':
      return { ...instruction, x: move(instruction.x), out: move(instruction.out) };
    case 'product': {
      const { a, b, addend, out, fused } = instruction;
      return {
        ...instruction,
        a: move(a),
        b: move(b),
        addend: addend && move(addend),
        out: move(out),
        ...(fused && {
          fused: {
            ...fused,
            before: fused.before && placedMap(fused.before, move),
            after: fused.after && placedMap(fused.after, move),
          },
        }),
      };
    }
  }
}

const placedMap = (map: MapInstruction, move: Move): MapInstruction => ({
  ...map,
  loads: map.loads.map(move),
  stores: map.stores.map(move),
  reductions: map.reductions.map(move),
});
