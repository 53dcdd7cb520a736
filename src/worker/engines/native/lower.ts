/** @file A graph as a plan. Pure. Primitives that move elements become views, elementwise ones join groups, the rest become kernels. The table is total: a new primitive
 *  does not compile without its lowering. */
import {
  type Apply,
  type Graph,
  type Op,
  optimise,
  type Scan,
  sizeOf,
  type Tensor,
  verify,
  windows,
} from '../../../shared/graph/index.ts';
import { Group } from './groups.ts';
import type { MapOp, Plan } from './instructions.ts';
import { lowerScan } from './loops.ts';
import { fold, joined, padded } from './moves.ts';
import { product } from './products.ts';
import { reducedStrides, Scope } from './scope.ts';
import {
  byAxis,
  expanded,
  isContiguous,
  merged,
  sliced,
  transposed,
  type View,
  whole,
  windowed,
} from './views.ts';

/** The instructions of `graph`, optimised. @throws RangeError when the graph is illegal. */
export function lower(graph: Graph): Plan {
  const { inputs, outputs } = verify(optimise(graph));
  const constants = new Map();
  const buffers = inputs.map(({ shape }) => ({ size: sizeOf(shape) }));
  const given = new Map<Tensor, View>(inputs.map((t, i) => [t, whole(buffers[i]!)]));
  const scope = new Scope(outputs, given, constants);
  lowerScope(scope);
  const results = outputs.map(t => scope.aloneInOrder(scope.view(t), sizeOf(t.shape)));
  return { instructions: scope.instructions, inputs: buffers, outputs: results, constants };
}

/** Lowers all tensors of a scope. */
function lowerScope(scope: Scope): void {
  const loops = new Map<Scan, readonly View[]>();
  for (const t of scope.order) {
    if (t.kind === 'input') throw new RangeError(`input ${t.name} is unbound`);
    if (t.kind === 'constant') scope.set(t, scope.constant(t.data));
    else if (t.kind === 'item') {
      const results = loops.get(t.scan) ?? lowerScan(scope, t.scan, lowerScope);
      loops.set(t.scan, results);
      scope.set(t, results[t.index]!);
    } else (lowerings[t.primitive.op] as Lower<typeof t.primitive.op>)(scope, t as Apply<never>);
  }
}

type Lower<P extends Op> = (scope: Scope, t: Apply<P>) => void;

/** Joins the group of its operands: those over as many elements that are still open become one. */
const elementwise: Lower<MapOp> = (scope, t) => {
  const size = sizeOf(t.shape);
  for (const o of t.inputs) if (scope.groupOf(o)?.size !== size || isReduction(scope, o)) scope.view(o);
  const group = t.inputs.map(o => scope.groupOf(o)).find(g => g !== undefined) ?? new Group(scope, size);
  for (const o of t.inputs) {
    const other = scope.groupOf(o);
    if (other !== undefined) group.absorb(other);
  }
  const values = t.inputs.map(o => group.valueOf(o) ?? group.load(shownTo(scope, o, t.shape)));
  group.add(t as Apply, values);
};

/** Operands from this size on that are read more than once are put in order first. */
const large = 1024;

/** How `o` is read by a group over `shape`. */
const shownTo = (scope: Scope, o: Tensor, shape: readonly number[]): View => {
  const view = scope.view(o);
  const size = sizeOf(o.shape);
  if (size === sizeOf(shape)) return view;
  const ready = byAxis(view.dims, o.shape) !== undefined && (size < large || isContiguous(view));
  return expanded(ready ? view : scope.contiguous(o), o.shape, shape)!; // a view that is ready shows its axes
};

/** Whether `t` is what a group sums up: known only when the group is done. */
const isReduction = (scope: Scope, t: Tensor): boolean => scope.groupOf(t)?.valueOf(t) === undefined;

const reduction =
  (how: 'sum' | 'max'): Lower<'sum' | 'max'> =>
  (scope, t) => {
    const [x] = t.inputs as [Tensor];
    const size = sizeOf(x.shape);
    if (isReduction(scope, x)) scope.view(x);
    const group = scope.groupOf(x) ?? new Group(scope, size);
    const value = group.valueOf(x) ?? group.load(scope.view(x));
    group.reduce(t, value, how, x.shape, reducedStrides(x.shape, t.params.axes));
  };

/** A primitive that is another view of its operand, or of a contiguous copy where the operand's view does not show its axes. */
const moved =
  <P extends Op>(look: (view: View, t: Apply<P>, from: readonly number[]) => View | undefined): Lower<P> =>
  (scope, t) => {
    const [x] = t.inputs as [Tensor];
    const view = look(scope.view(x), t, x.shape) ?? look(scope.contiguous(x), t, x.shape);
    if (view === undefined) throw new RangeError(`${t.primitive.op} of (${x.shape}) has no view`);
    scope.set(t, view);
  };

const slidingWindows = moved<'patches'>((view, { params: { size, stride } }, from) =>
  windowed(view, from, size, stride, windows(from[1]!, from[2]!, size, stride)),
);

const lowerings: { readonly [P in Op]: Lower<P> } = {
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  neg: elementwise,
  exp: elementwise,
  log: elementwise,
  tanh: elementwise,
  sqrt: elementwise,
  softplus: elementwise,
  relu: elementwise,
  greater: elementwise,
  sum: reduction('sum'),
  max: reduction('max'),
  reshape: (scope, t) => {
    const [x] = t.inputs as [Tensor];
    const value = scope.groupOf(x)?.valueOf(x);
    if (value === undefined) scope.set(t, scope.view(x));
    else scope.groupOf(x)!.join(t, value);
  },
  transpose: moved((view, t, from) => transposed(view, from, t.params.perm)),
  expand: moved((view, t, from) => expanded(view, from, t.shape)),
  slice: moved((view, t, from) => sliced(view, from, t.params.starts, t.params.sizes)),
  // Products read windows many times: maps whose batch does not lie side by side are copied first.
  patches: (scope, t) => {
    const [x] = t.inputs as [Tensor];
    if (merged(scope.view(x).dims).at(-1)?.stride !== 1) scope.contiguous(x);
    slidingWindows(scope, t);
  },
  pad: padded,
  concat: joined,
  fold,
  matmul: product,
  gemm: product,
  logSoftmax: (scope, t) => {
    const [x] = t.inputs as [Tensor];
    const [rows, classes] = [sizeOf(t.shape.slice(0, -1)), t.shape.at(-1)!];
    const seen = (view: View): readonly [number, number] | undefined => {
      const axes = byAxis(view.dims, [rows, classes]);
      if (axes === undefined || axes.some(dims => dims.length > 1)) return undefined;
      return [axes[0]![0]?.stride ?? 0, axes[1]![0]?.stride ?? 0];
    };
    const view = seen(scope.view(x)) ? scope.view(x) : scope.contiguous(x);
    const out = { size: rows * classes };
    scope.emit({
      kind: 'logSoftmax',
      rows,
      classes,
      x: { buffer: view.buffer, offset: view.offset, strides: seen(view)! },
      out: { buffer: out, offset: 0 },
    });
    scope.set(t, whole(out));
  },
};
