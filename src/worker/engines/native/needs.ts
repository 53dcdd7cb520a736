/** @file Which elements of tensors anyone reads, the dual of which are zero: one that is only ever multiplied by zeros or cut away need not be computed. Pure; knows
 *  graphs only. */
import { add, type Input, input, type Op, sumTo, type Tensor } from '../../../shared/graph/index.ts';
import { isSmall, type Mask, telling, type Zeros } from './zeros.ts';

/** Primitives that read just those elements by which their derivative is not zero. */
const linear: ReadonlySet<Op> = new Set<Op>([...telling, 'sub']);

/** What is needed of one scope's tensors. */
export class Needs {
  private readonly known = new Map<Tensor, Mask | undefined>();

  /** @param readers all that read a tensor; undefined where it is a result of the scope */
  constructor(
    private readonly readers: (t: Tensor) => readonly Tensor[] | undefined,
    private readonly zeros: Zeros,
  ) {}

  /** 0 for each element of `t` that no one reads, 1 elsewhere; undefined where all may be read. */
  of(t: Tensor): Mask | undefined {
    if (!this.known.has(t)) this.known.set(t, isSmall(t) ? this.found(t) : undefined);
    return this.known.get(t);
  }

  /** Where the cotangent of `t` is not always zero, given which elements of its readers are needed. */
  private found(t: Tensor): Mask | undefined {
    const needed = new Map<Input, Mask | undefined>();
    const cotangents: Tensor[] = [];
    for (const reader of this.readers(t) ?? []) {
      if (reader.kind !== 'apply' || !linear.has(reader.primitive.op)) return undefined;
      const g = input('cotangent', reader.shape);
      needed.set(g, this.of(reader));
      const parts = reader.primitive.vjp(g, reader.inputs, reader, reader.params);
      cotangents.push(...parts.filter((_, i) => reader.inputs[i] === t).map(part => sumTo(part, t.shape)));
    }
    if (cotangents.length === 0) return undefined;
    return this.zeros.with(needed).of(cotangents.reduce((a, b) => add(a, b)));
  }
}
