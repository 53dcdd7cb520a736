/** @file What the kernels of this engine do: plain records over views. lower.ts makes them, encode.ts writes them for the addon. */
import type { Op } from '../../../shared/graph/index.ts';
import type { Buffer, Dim, View } from './views.ts';

/** Where a kernel reads or writes: a buffer and a place in it. Strides stand beside it. */
export interface Place {
  readonly buffer: Buffer;
  readonly offset: number;
}

/** out (m, n) = alpha · A (m, k) · B (k, n) + addend. Each axis of A and B is a list of dims; those of addend and out have one stride each. */
export interface Product {
  readonly kind: 'product';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** What is computed: everything, if they are not given. */
  readonly parts?: readonly Part[] | undefined;
  /** Whether it is computed as inner products: see fusion.ts. */
  readonly inner: boolean;
  readonly alpha: number;
  readonly a: Place & { readonly rows: readonly Dim[]; readonly columns: readonly Dim[] };
  readonly b: Place & { readonly rows: readonly Dim[]; readonly columns: readonly Dim[] };
  readonly addend?: (Place & { readonly strides: readonly [number, number] }) | undefined;
  readonly out: Place & { readonly strides: readonly [number, number] };
  /** Maps that are computed with it, part by part: see fusion.ts. */
  readonly fused?: Fused;
}

/** Some rows of a product, with those of its columns that are computed there and the indices of k over which the sums go: places in order, all of them where none are given.
 *  No row is in two parts; what is in none is not written. */
export interface Part {
  readonly rows?: readonly number[];
  readonly columns?: readonly number[];
  readonly depths?: readonly number[];
}

/** Maps that a product takes along, `group` of their columns (their last axis) at a time. */
export interface Fused {
  readonly group: number;
  /** Makes what the product reads as B. */
  readonly before?: MapInstruction | undefined;
  /** Reads the result. */
  readonly after?: MapInstruction | undefined;
  /** Whether B, or the result, holds only the group that is worked on. */
  readonly localB: boolean;
  readonly localOut: boolean;
}

/** Operators of a map: registers in, a register out. */
export type MapOp = Extract<
  Op,
  'add' | 'sub' | 'mul' | 'div' | 'neg' | 'exp' | 'log' | 'tanh' | 'sqrt' | 'softplus' | 'relu' | 'greater'
>;

/** a·b + c, c − a·b and a·b − c, each rounded once. */
export type FusedOp = 'mulAdd' | 'mulFrom' | 'mulSub';

export interface MapStep {
  readonly op: MapOp | FusedOp;
  readonly out: number;
  readonly a: number;
  /** The second operand; `a` again where there is none. */
  readonly b: number;
  /** The third one; `a` again where there is none. */
  readonly c: number;
}

/** A place that is walked along the sizes of a map. */
export interface Walk extends Place {
  readonly register: number;
  readonly strides: readonly number[];
  /** Of a map that is computed in parts: the buffer holds only those columns that are worked on. */
  readonly local?: boolean;
}

/** For each element of a walk along `sizes`: loads operands into registers, computes, stores registers and adds to (or takes the largest into) reductions,
 *  whose strides are 0 along the axes that are reduced. */
export interface MapInstruction {
  readonly kind: 'map';
  readonly sizes: readonly number[];
  readonly registers: number;
  readonly loads: readonly Walk[];
  readonly steps: readonly MapStep[];
  readonly stores: readonly Walk[];
  readonly reductions: readonly (Walk & { readonly how: 'sum' | 'max'; readonly outSize: number })[];
}

/** Log-softmax of each of `rows` vectors of `classes` numbers. Strides: [between rows, between classes]. */
export interface LogSoftmax {
  readonly kind: 'logSoftmax';
  readonly rows: number;
  readonly classes: number;
  readonly x: Place & { readonly strides: readonly [number, number] };
  readonly out: Place;
}

/** Runs `body` `length` times. Before iteration k each of `slices` is bound: its buffer lies at `from` + k·stride floats. After it, each pair of `swaps` changes
 *  places. */
export interface Loop {
  readonly kind: 'loop';
  readonly length: number;
  readonly reverse: boolean;
  readonly slices: readonly Slice[];
  readonly body: readonly Instruction[];
  readonly swaps: readonly (readonly [Buffer, Buffer])[];
}

/** A buffer that lies in another one, at a place that moves with the iteration. */
export interface Slice {
  readonly buffer: Buffer;
  readonly from: Place;
  readonly stride: number;
}

export type Instruction = Product | MapInstruction | LogSoftmax | Loop;

/** A graph in instructions. */
export interface Plan {
  readonly instructions: readonly Instruction[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly View[];
  readonly constants: ReadonlyMap<Buffer, Float32Array>;
}
