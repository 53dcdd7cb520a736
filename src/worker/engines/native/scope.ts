/** @file One scope of a graph on its way to instructions: the graph itself or the body of a loop. Holds where values lie and what is still to be computed.
 *  Knows views, groups and instructions; how a primitive is lowered stands in lower.ts and beside it. */
import {
  type Op,
  operands,
  type Shape,
  sizeOf,
  type Tensor,
  topological,
} from '../../../shared/graph/index.ts';
import { Group, type GroupHost } from './groups.ts';
import type { Instruction } from './instructions.ts';
import { Needs } from './needs.ts';
import { type ReadingOrder, readingOrder } from './reading.ts';
import { writes } from './usage.ts';
import { type Buffer, isContiguous, type View, whole } from './views.ts';
import { Zeros } from './zeros.ts';

export class Scope implements GroupHost {
  readonly instructions: Instruction[] = [];
  /** Tensors of the scope, operands first. */
  readonly order: readonly Tensor[];
  /** Where each value that has been computed lies. */
  private readonly values: Map<Tensor, View>;
  /** Values that are to be computed by a group that is still open. */
  private readonly pending = new Map<Tensor, Group>();
  private readonly consumers = new Map<Tensor, Tensor[]>();

  /** Buffers that instructions of this scope have made. */
  private readonly made = new Set<Buffer>();
  /** Those of them that one result has to itself. */
  private readonly taken = new Set<Buffer>();
  private readonly givenBuffers: ReadonlySet<Buffer>;
  /** What of each tensor anyone reads. */
  readonly needs: Needs;

  /** @param given what the scope sees from outside: inputs, loop variables
   *  @param constants shared by all scopes of a plan
   *  @param carries of a loop's body: the next carried values, and what they may overwrite */
  constructor(
    private readonly outputs: readonly Tensor[],
    given: ReadonlyMap<Tensor, View>,
    readonly constants: Map<Buffer, Float32Array>,
    private readonly carries: ReadonlyMap<Tensor, Carry> = new Map(),
    /** What of each tensor is always zero. */
    readonly zeros: Zeros = new Zeros(),
  ) {
    this.values = new Map(given);
    this.givenBuffers = new Set([...given.values()].map(({ buffer }) => buffer));
    this.order = eager(topological(outputs)).filter(t => !given.has(t));
    for (const t of this.order)
      for (const o of operands(t)) this.consumers.set(o, [...(this.consumers.get(o) ?? []), t]);
    this.needs = new Needs(t => (outputs.includes(t) ? undefined : this.consumers.get(t)), zeros);
  }

  emit(instruction: Instruction): void {
    this.instructions.push(instruction);
    if (instruction.kind !== 'loop') for (const buffer of writes(instruction)) this.made.add(buffer);
    else for (const buffer of instruction.swaps.flat()) this.made.delete(buffer); // lies where the loop has left it
  }

  /** Where the `size` elements of `view` lie in a buffer that holds nothing else and goes to no one else: its own, where it was made here, or a copy's. */
  alone(view: View, size: number): View {
    const { buffer } = view;
    const own = this.made.has(buffer) && !this.givenBuffers.has(buffer) && buffer.size === size;
    const found = own && !this.taken.has(buffer) ? view : this.copy(view, size);
    this.taken.add(found.buffer);
    return found;
  }

  /** The same in row-major order. */
  aloneInOrder(view: View, size: number): View {
    return isContiguous(view) && view.offset === 0 ? this.alone(view, size) : this.copy(view, size);
  }

  set(t: Tensor, view: View): void {
    this.values.set(t, view);
  }

  /** Where `t` lies; a group that is to compute it is closed. */
  view(t: Tensor): View {
    this.pending.get(t)?.close();
    const view = this.values.get(t);
    if (view === undefined) throw new RangeError(`${t.kind} has not been computed`);
    return view;
  }

  /** Where a copy of `t` lies that is in row-major order without gaps; `t` itself if it does. */
  contiguous(t: Tensor): View {
    const view = this.view(t);
    if (isContiguous(view)) return view;
    const copy = this.copy(view, sizeOf(t.shape));
    this.values.set(t, copy);
    return copy;
  }

  /** A copy of a view's elements, one after the other. */
  copy(view: View, size: number, into: View = whole({ size })): View {
    Group.copy(this, view, into);
    return into;
  }

  groupOf(t: Tensor): Group | undefined {
    return this.pending.get(t);
  }

  /** `group` is to compute `t`. */
  wait(t: Tensor, group: Group): void {
    this.pending.set(t, group);
  }

  /** `t` lies at `view`; no group is to compute it any more. */
  settle(t: Tensor, view: View | undefined): void {
    this.pending.delete(t);
    if (view !== undefined) this.values.set(t, view);
  }

  /** Whether anyone outside of `members` needs `t`. */
  isNeededBeside(t: Tensor, members: ReadonlySet<Tensor>): boolean {
    return this.outputs.includes(t) || (this.consumers.get(t) ?? []).some(consumer => !members.has(consumer));
  }

  /** The buffer that product `t` may compute its result in: that of `addend`, the loop variable of which `t` is the next value, when no one reads it any more. */
  overwritten(t: Tensor, addend: Tensor): Buffer | undefined {
    const carry = this.carries.get(t);
    if (carry?.variable !== addend || carry.stacked || this.isReadAfter(addend, t)) return undefined;
    for (const group of new Set(this.pending.values())) if (group.reads(carry.buffer)) group.close();
    return carry.buffer;
  }

  /** Whether `t`, or a view of it, is read by a tensor that comes after `by` in the order. */
  private isReadAfter(t: Tensor, by: Tensor): boolean {
    const last = this.order.indexOf(by);
    return (this.consumers.get(t) ?? []).some(
      consumer => this.order.indexOf(consumer) > last || (isView(consumer) && this.isReadAfter(consumer, by)),
    );
  }

  constant(data: Float64Array): View {
    const buffer = { size: data.length };
    this.constants.set(buffer, Float32Array.from(data));
    return whole(buffer);
  }

  /** The order in which `t` is read, if it is another than its own. */
  readingOrder(t: Tensor): ReadingOrder | undefined {
    return readingOrder(t, read =>
      this.outputs.includes(read) || this.isRowMajor(read) ? undefined : this.consumers.get(read),
    );
  }

  /** Whether the buffer of `t` must hold it in row-major order: carried values go from iteration to iteration so. */
  isRowMajor(t: Tensor): boolean {
    return this.carries.has(t);
  }
}

/** The same order, but sums and maxima come right after what they are taken of, so that they join its group. */
function eager(order: readonly Tensor[]): readonly Tensor[] {
  const following = new Map<Tensor, Tensor[]>();
  for (const t of order)
    if (t.kind === 'apply' && follows.has(t.primitive.op)) {
      const [x] = t.inputs as [Tensor];
      following.set(x, [...(following.get(x) ?? []), t]);
    }
  const reduces = (t: Tensor): boolean =>
    t.kind === 'apply' && (t.primitive.op !== 'reshape' || (following.get(t) ?? []).some(reduces));
  const out = new Set<Tensor>();
  const add = (t: Tensor): void => {
    out.add(t);
    for (const next of following.get(t) ?? []) if (reduces(next)) add(next);
  };
  for (const t of order) if (!out.has(t)) add(t);
  return [...out];
}

const follows: ReadonlySet<Op> = new Set<Op>(['sum', 'max', 'reshape']);

/** A loop's carried value. */
export interface Carry {
  /** What the body reads. */
  readonly variable: Tensor;
  /** Where that lies. */
  readonly buffer: Buffer;
  /** Whether the value of each iteration is kept. */
  readonly stacked: boolean;
}

const views: ReadonlySet<Op> = new Set<Op>(['reshape', 'transpose', 'expand', 'slice', 'patches', 'fold']);
const isView = (t: Tensor): boolean => t.kind === 'apply' && views.has(t.primitive.op);

/** Row-major strides of `shape` where `axes` have been summed away: 0 along them. */
export const reducedStrides = (shape: Shape, axes: readonly number[]): number[] => {
  let stride = 1;
  return [...shape]
    .map((size, axis) => ({ size, gone: axes.includes(axis) }))
    .reverse()
    .map(({ size, gone }) => {
      if (gone) return 0;
      const own = stride;
      stride *= size;
      return own;
    })
    .reverse();
};
