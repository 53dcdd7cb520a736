/** @file Groups: elementwise primitives over the same elements, computed in one walk, together with the sums and maxima of what they give. A value is stored only
 *  if someone outside of its group reads it. Knows views and map instructions; no other primitive. */
import { type Apply, type Shape, sizeOf, type Tensor } from '../../../shared/graph/index.ts';
import type { MapInstruction, MapOp, MapStep, Walk } from './instructions.ts';
import { bestOrder, identity, joined, ordered } from './order.ts';
import type { ReadingOrder } from './reading.ts';
import { allocate } from './registers.ts';
import { multiplyAdds } from './steps.ts';
import { type Buffer, commonSizes, type Dim, sameDims, stridesAlong, type View, whole } from './views.ts';

/** What a group needs of its scope. */
export interface GroupHost {
  emit(instruction: MapInstruction): void;
  wait(t: Tensor, group: Group): void;
  settle(t: Tensor, view: View | undefined): void;
  isNeededBeside(t: Tensor, members: ReadonlySet<Tensor>): boolean;
  isRowMajor(t: Tensor): boolean;
  readingOrder(t: Tensor): ReadingOrder | undefined;
}

/** A value of a group by number: loads and results of steps. */
type Value = number;

interface Reduction {
  readonly t: Tensor;
  readonly of: Value;
  readonly how: 'sum' | 'max';
  readonly dims: readonly Dim[];
}

export class Group {
  private readonly values = new Map<Tensor, Value>();
  private readonly loads = new Map<Value, View>();
  private readonly steps: MapStep[] = [];
  private readonly reductions: Reduction[] = [];
  private count = 0;

  /** @param size number of elements of the walk */
  constructor(
    private readonly host: GroupHost,
    readonly size: number,
  ) {}

  /** Copies `from` to `to`. */
  static copy(host: GroupHost, from: View, to: View): void {
    const group = new Group(
      host,
      from.dims.reduce((n, dim) => n * dim.size, 1),
    );
    group.load(from);
    group.emit([[0, to]]);
  }

  /** Adds the elements of `from` to those of `to`. */
  static addTo(host: GroupHost, from: View, to: View): void {
    const group = new Group(
      host,
      from.dims.reduce((n, dim) => n * dim.size, 1),
    );
    const [a, b] = [group.load(to), group.load(from)];
    group.steps.push({ op: 'add', out: group.count, a, b, c: a });
    group.emit([[group.count++, to]]);
  }

  /** Whether it reads from `buffer`. */
  reads(buffer: Buffer): boolean {
    return [...this.loads.values()].some(view => view.buffer === buffer);
  }

  /** The value that is read from `view`, whose elements are the group's. */
  load(view: View): Value {
    for (const [value, known] of this.loads)
      if (known.buffer === view.buffer && known.offset === view.offset && sameDims(known.dims, view.dims))
        return value;
    this.loads.set(this.count, view);
    return this.count++;
  }

  /** Adds an elementwise primitive; operands are values of this group. */
  add(t: Apply, [a, b]: readonly Value[]): void {
    this.steps.push({ op: t.primitive.op as MapOp, out: this.count, a: a!, b: b ?? a!, c: a! });
    this.join(t, this.count++);
  }

  /** `t` has the same elements in the same order as value `value`. */
  join(t: Tensor, value: Value): void {
    this.values.set(t, value);
    this.host.wait(t, this);
  }

  /** Adds a reduction over `axes` of `of`, a value of shape `shape`. */
  reduce(t: Tensor, of: Value, how: 'sum' | 'max', shape: Shape, strides: readonly number[]): void {
    this.reductions.push({ t, of, how, dims: shape.map((size, i) => ({ size, stride: strides[i]! })) });
    this.host.wait(t, this);
  }

  valueOf(t: Tensor): Value | undefined {
    return this.values.get(t);
  }

  /** Takes over all of `other`, a group over as many elements. */
  absorb(other: Group): void {
    if (other === this) return;
    const moved = new Map<Value, Value>();
    for (const [value, view] of other.loads) moved.set(value, this.load(view));
    for (const step of other.steps) {
      moved.set(step.out, this.count);
      const [a, b, c] = [moved.get(step.a)!, moved.get(step.b)!, moved.get(step.c)!];
      this.steps.push({ ...step, out: this.count++, a, b, c });
    }
    for (const [t, value] of other.values) this.join(t, moved.get(value)!);
    for (const r of other.reductions) {
      this.reductions.push({ ...r, of: moved.get(r.of)! });
      this.host.wait(r.t, this);
    }
  }

  /** Emits the group and tells where its values lie. */
  close(): void {
    const members = new Set([...this.values.keys(), ...this.reductions.map(r => r.t)]);
    const stored = new Map<Value, Tensor[]>();
    for (const [t, value] of this.values) {
      if (!this.host.isNeededBeside(t, members)) this.host.settle(t, undefined);
      else if (this.loads.has(value)) this.host.settle(t, this.loads.get(value));
      else stored.set(value, [...(stored.get(value) ?? []), t]);
    }
    const inOrder = [...stored.values()].flat().some(t => this.host.isRowMajor(t));
    const walks = [...this.loads.values(), ...this.reductions].map(({ dims }) => dims);
    const views = this.emit(
      [...stored].map(([value, tensors]) => [value, this.asRead(tensors, walks)] as const),
      inOrder,
    );
    [...stored.values()].forEach((tensors, i) => {
      for (const t of tensors) this.host.settle(t, views[i]);
    });
  }

  /** A place for a value that lies as its only reader goes through it, where it can be walked beside `walks`; its own are added to them. */
  private asRead([t, ...more]: readonly Tensor[], walks: (readonly Dim[])[]): View | undefined {
    const order = more.length > 0 ? undefined : this.host.readingOrder(t!);
    const view = order && ordered(order.sizes, order.perm);
    if (!view || !commonSizes([[{ size: this.size, stride: 1 }], ...walks, view.dims])) return undefined;
    walks.push(view.dims);
    return view;
  }

  /** Emits the walk. Values without a view to go to get buffers of their own, in the order of the walk. @returns where each value lies */
  private emit(stores: readonly (readonly [Value, View | undefined])[], inOrder = false): View[] {
    const targets = stores.flatMap(([, view]) => (view ? [view.dims] : []));
    const loads = this.fitted([...targets, ...this.reductions.map(r => r.dims)]);
    const fixed = [...targets, ...this.reductions.map(r => r.dims), ...[...loads.values()].map(v => v.dims)];
    const sizes = commonSizes([[{ size: this.size, stride: 1 }], ...fixed])!;
    const full = [...loads.values()].map(view => stridesAlong(view.dims, sizes));
    const perm = inOrder ? identity(sizes) : bestOrder(sizes, full);
    const along = (strides: readonly number[]): number[] => perm.map(axis => strides[axis]!);
    const walkOf = (view: View, register: number): Walk => ({
      buffer: view.buffer,
      offset: view.offset,
      register,
      strides: along(stridesAlong(view.dims, sizes)),
    });
    const views = stores.map(([, view]) => view ?? ordered(sizes, perm));
    const reduced = this.reductions.map(({ t, dims, how, of }) => {
      const outSize = sizeOf(t.shape);
      const view = whole({ size: outSize });
      this.host.settle(t, view);
      return { ...walkOf({ ...view, dims }, of), how, outSize };
    });
    const wanted = [...stores.map(([value]) => value), ...reduced.map(r => r.register)];
    if (wanted.length === 0) return [];
    this.host.emit(
      joined(
        allocate({
          kind: 'map',
          sizes: along(sizes),
          registers: this.count,
          loads: [...loads].map(([value, view]) => walkOf(view, value)),
          steps: multiplyAdds(this.steps, new Set(wanted)),
          stores: views.map((view, i) => walkOf(view, stores[i]![0])),
          reductions: reduced,
        }),
      ),
    );
    return views;
  }

  /** The loads that all walk along common sizes with `fixed`; one that does not fit is copied first. */
  private fitted(fixed: readonly (readonly Dim[])[]): Map<Value, View> {
    const walks = [[{ size: this.size, stride: 1 }], ...fixed];
    const out = new Map<Value, View>();
    for (const [value, view] of this.loads) {
      const fits = commonSizes([...walks, view.dims]) !== undefined;
      const used = fits ? view : whole({ size: this.size });
      if (!fits) Group.copy(this.host, view, used);
      walks.push([...used.dims]);
      out.set(value, used);
    }
    return out;
  }
}
