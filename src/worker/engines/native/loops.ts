/** @file Scans as loops. Carried values live in two buffers that change places, or in the stack that is made of them; stacked values are computed where the stack has
 *  them. Nothing is copied that the body itself writes. */
import { type Scan, sizeOf, type Tensor } from '../../../shared/graph/index.ts';
import type { Slice } from './instructions.ts';
import { type Carry, Scope } from './scope.ts';
import { type Buffer, byAxis, isContiguous, merged, type View, whole } from './views.ts';

/** Views with shorter runs than this are copied before a loop that would read them again and again. */
const shortRun = 64;

/** Emits the loop; gives the views of its results. */
export function lowerScan(outer: Scope, scan: Scan, lowerBody: (scope: Scope) => void): readonly View[] {
  const { body, captured, init, scanned, length, reverse } = scan;
  const slices: Slice[] = [];
  const given = new Map<Tensor, View>();
  const variables = body.inputs.slice(captured.length);
  captured.forEach((t, i) => given.set(body.inputs[i]!, outside(outer, t)));
  const carried = init.map((t, i) => carry(outer, scan, variables[i]!, t));
  carried.forEach(({ current }, i) => given.set(variables[i]!, whole(current)));
  scanned.forEach((t, i) => {
    const { view, slice } = sliceOf(outer, t);
    given.set(variables[init.length + i]!, view);
    slices.push(slice);
  });

  const next = body.outputs.slice(0, init.length);
  const carries = next.map((t, i): [Tensor, Carry] => {
    const { current, stack } = carried[i]!;
    return [t, { variable: variables[i]!, buffer: current, stacked: stack !== undefined }];
  });
  const scope = new Scope(
    inOrder(body.outputs),
    given,
    outer.constants,
    new Map(carries),
    outer.zeros.within(scan),
  );
  lowerBody(scope);

  const swaps: (readonly [Buffer, Buffer])[] = [];
  const last = next.map((t, i) => {
    const { current, stack } = carried[i]!;
    const view = scope.view(t);
    const size = current.size;
    if (view.buffer === current && isContiguous(view)) return whole(current); // computed in place, or never changed
    const result = scope.aloneInOrder(view, size);
    if (stack === undefined) {
      swaps.push([current, result.buffer]);
      return whole(current);
    }
    slices.push({ buffer: result.buffer, from: { buffer: stack, offset: size }, stride: size });
    return { ...whole(current), buffer: stack, offset: length * size };
  });
  const stacks = body.outputs.slice(init.length).map(t => {
    const size = sizeOf(t.shape);
    const at = carried.findIndex(({ stack }, i) => stack !== undefined && variables[i] === t);
    if (at >= 0) return stackOf(carried[at]!.stack!, length, whole({ size }));
    const view = scope.alone(scope.view(t), size);
    const stack = { size: length * size };
    slices.push({ buffer: view.buffer, from: { buffer: stack, offset: 0 }, stride: size });
    return stackOf(stack, length, view);
  });
  for (const { current, stack } of carried)
    if (stack !== undefined)
      slices.push({ buffer: current, from: { buffer: stack, offset: 0 }, stride: current.size });
  outer.emit({ kind: 'loop', length, reverse, slices, body: scope.instructions, swaps });
  return [...last, ...stacks];
}

/** A value from outside, copied where it would be read in short runs. */
function outside(outer: Scope, t: Tensor): View {
  const view = outer.view(t);
  const inner = merged(view.dims).at(-1);
  const shortRuns = inner !== undefined && (inner.stride !== 1 || inner.size < shortRun);
  return shortRuns && !isContiguous(view) && sizeOf(t.shape) > shortRun ? outer.contiguous(t) : view;
}

/** The buffer of a carried value, with its first value in it: slot 0 of the stack, where a forward loop stacks just what it carries. */
function carry(
  outer: Scope,
  scan: Scan,
  variable: Tensor,
  init: Tensor,
): { current: Buffer; stack?: Buffer } {
  const size = sizeOf(init.shape);
  const current = { size };
  const stacked = !scan.reverse && scan.body.outputs.indexOf(variable, scan.init.length) >= 0;
  const passedOn =
    scan.body.outputs.indexOf(variable) < scan.init.length && scan.body.outputs.includes(variable);
  if (!stacked || passedOn) {
    outer.copy(outer.view(init), size, whole(current));
    return { current };
  }
  const stack = { size: (scan.length + 1) * size };
  outer.copy(outer.view(init), size, { ...whole(current), buffer: stack });
  return { current, stack };
}

/** One slice of `t` (length, …) as a buffer that the loop moves. */
function sliceOf(outer: Scope, t: Tensor): { view: View; slice: Slice } {
  const [length, ...rest] = t.shape as [number, ...number[]];
  const shape = [length, sizeOf(rest)];
  const cut = (view: View): { view: View; slice: Slice } | undefined => {
    const axes = byAxis(view.dims, shape);
    if (axes === undefined || axes[0]!.length > 1) return undefined;
    const buffer = { size: sizeOf(rest) };
    const stride = axes[0]![0]?.stride ?? 0;
    return {
      view: { buffer, offset: 0, dims: axes[1]! },
      slice: { buffer, from: { buffer: view.buffer, offset: view.offset }, stride },
    };
  };
  return cut(outer.view(t)) ?? cut(outer.contiguous(t))!;
}

/** All slices of a stack, each of which lies as `slice` does. */
const stackOf = (stack: Buffer, length: number, { offset, dims, buffer }: View): View => ({
  buffer: stack,
  offset,
  dims: [{ size: length, stride: buffer.size }, ...dims],
});

/** Outputs in the order in which they are best computed: products that add to a loop variable last, when no one reads it any more. */
const inOrder = (outputs: readonly Tensor[]): Tensor[] => {
  const adds = (t: Tensor): boolean => t.kind === 'apply' && t.inputs[2]?.kind === 'input';
  return [...outputs.filter(t => !adds(t)), ...outputs.filter(adds)];
};
