/** @file Which elements of small tensors are zero whatever the inputs are: constants have them, and what is made of constants. Pure; knows graphs only. */
import { type Apply, type Op, type Scan, sizeOf, type Tensor } from '../../../shared/graph/index.ts';

/** For each element in row-major order: 0 where it is always zero, 1 elsewhere. */
export type Mask = Float64Array;

/** Larger tensors are taken to have no zeros. */
const limit = 2 ** 14;

/** Whether a tensor has a mask at all. */
export const isSmall = (t: Tensor): boolean => sizeOf(t.shape) <= limit;

/** Primitives that give zero for operands of zeros and ones only where they do so for all operands. */
export const telling: ReadonlySet<Op> = new Set<Op>([
  'add',
  'mul',
  'neg',
  'sum',
  'expand',
  'reshape',
  'transpose',
  'slice',
  'pad',
  'concat',
  'matmul',
  'gemm',
]);

/** The zeros of one scope's tensors. */
export class Zeros {
  private readonly known: Map<Tensor, Mask | undefined>;
  private readonly bodies = new Map<Scan, Zeros>();

  /** @param given of what the scope sees from outside */
  constructor(given: ReadonlyMap<Tensor, Mask | undefined> = new Map()) {
    this.known = new Map(given);
  }

  /** The mask of `t`; undefined where no element is known to be zero. */
  of(t: Tensor): Mask | undefined {
    if (!this.known.has(t)) this.known.set(t, isSmall(t) ? this.found(t) : undefined);
    return this.known.get(t);
  }

  /** The same, and masks of tensors that are no part of the scope. */
  with(given: ReadonlyMap<Tensor, Mask | undefined>): Zeros {
    return new Zeros(new Map([...this.known, ...given]));
  }

  /** The zeros inside a loop. Captured values have theirs, and so have slices of what an earlier loop has stacked; of carried values nothing is known. */
  within(scan: Scan): Zeros {
    const known = this.bodies.get(scan);
    if (known !== undefined) return known;
    const { body, captured, init, scanned } = scan;
    const first = captured.length + init.length;
    const zeros = new Zeros(
      new Map([
        ...captured.map((t, i) => [body.inputs[i]!, this.of(t)] as const),
        ...scanned.map((t, i) => [body.inputs[first + i]!, this.ofSlices(t)] as const),
      ]),
    );
    this.bodies.set(scan, zeros);
    return zeros;
  }

  private ofSlices(t: Tensor): Mask | undefined {
    if (t.kind !== 'item' || t.index < t.scan.init.length) return undefined;
    return this.within(t.scan).of(t.scan.body.outputs[t.index]!);
  }

  private found(t: Tensor): Mask | undefined {
    const mask = t.kind === 'constant' ? t.data : t.kind === 'apply' ? this.made(t) : undefined;
    return mask?.includes(0) ? mask.map(x => +(x !== 0)) : undefined;
  }

  /** What the primitive itself makes of the masks of its operands. */
  private made(t: Apply): Mask | undefined {
    if (!telling.has(t.primitive.op) || !t.inputs.every(isSmall)) return undefined;
    const masks = t.inputs.map(x => this.of(x));
    if (masks.every(mask => mask === undefined)) return undefined;
    const operands = t.inputs.map(({ shape }, i) => ({
      shape,
      data: masks[i] ?? new Float64Array(sizeOf(shape)).fill(1),
    }));
    const params = 'alpha' in t.params ? { ...t.params, alpha: 1 } : t.params;
    return t.primitive.reference(operands, params, t.shape);
  }
}
