/** @file Products and the maps beside them as one: a map that makes what a product reads, or reads what it makes, is computed part by part with it, so that what goes from
 *  one to the other stays near the processor and is often never stored. In: a plan. Out: one of the same meaning. */
import { byColumns, isRun, isSteps } from './columns.ts';
import type { Fused, Instruction, MapInstruction, Plan, Product, Walk } from './instructions.ts';
import { countUsers, reads, touches, writes } from './usage.ts';
import { type Buffer, type Dim, merged } from './views.ts';

/** Columns that are computed together. */
const group = 512;

/** What the kernels can keep packed, in floats, and how deep a panel is: kernels/program.h, kernels/panels.h. */
const packedRows = 2 ** 17;
const depth = 384;

/** How many instructions may stand between a product and its map. */
const reach = 24;

/** Whether a product is computed as inner products: where both operands lie along a long k that would have to be turned for few sums. Cycles, roughly: 11 for a sum,
 *  half a one for a number that is turned. */
export const isInner = ({ m, n, k, a, b }: Omit<Product, 'inner'>): boolean =>
  isLong(Math.min(lengthAlong(a.columns), lengthAlong(b.rows)), k) && 11 * m * n < 0.5 * k * (m + n);

/** Whether inner products, of which one side of `m` is copied first so that it lies along k as the other of `n` does, cost less than turning the other. The copy costs half a
 *  cycle for a number, of which packing as it lies would take 0.2. */
export const copyPays = (m: number, n: number, k: number, other: readonly Dim[]): boolean =>
  isLong(lengthAlong(other), k) && 11 * m * n + 0.3 * k * m < 0.5 * k * n;

/** Whether all of k lies in runs of `run` neighbours that fill vectors. */
const isLong = (run: number, k: number): boolean => run >= 32 && k % run === 0;

/** How many neighbours lie side by side. */
export const lengthAlong = (dims: readonly Dim[]): number => {
  const last = merged(dims).at(-1);
  return last?.stride === 1 ? last.size : 1;
};

export function fused(plan: Plan): Plan {
  const users = new Map<Buffer, number>();
  countUsers(plan.instructions, users);
  for (const { buffer } of plan.outputs) users.set(buffer, Number.POSITIVE_INFINITY);
  return { ...plan, instructions: fuseList(plan.instructions, users) };
}

type Users = ReadonlyMap<Buffer, number>;

function fuseList(list: readonly Instruction[], users: Users): Instruction[] {
  const out = list.map(i => (i.kind === 'loop' ? { ...i, body: fuseList(i.body, users) } : i));
  for (let i = 0; i < out.length; i++) {
    const product = out[i]!;
    if (product.kind !== 'product') continue;
    if (!inGroups(product)) continue;
    const before = findBefore(out, i, product);
    const found = findAfter(out, i, product);
    // What the one makes is whole only after the last part, and the other may not need it part by part.
    const apart = before === undefined || found === undefined || !meet(before.map, found.map);
    const after = apart ? found : undefined;
    if (before === undefined && after === undefined) continue;
    out[i] = withMaps(product, before?.map, after?.map, users);
    for (const at of [after?.at, before?.at]) if (at !== undefined) out.splice(at, 1);
    if (before !== undefined) i--;
  }
  return out;
}

interface Found {
  readonly at: number;
  readonly map: MapInstruction;
}

/** The map that reads the result of the product at `i` and can be computed with it. */
function findAfter(list: readonly Instruction[], i: number, p: Product): Found | undefined {
  if (p.out.strides[1] !== 1 || p.out.strides[0] !== p.n) return undefined;
  for (let at = i + 1; at < Math.min(list.length, i + reach); at++) {
    const next = list[at]!;
    const map = next.kind === 'map' ? byColumns(next, p.n, p.out) : undefined;
    if (map !== undefined && canMove(map, list.slice(i + 1, at), p)) return { at, map };
    if (reads(next).has(p.out.buffer)) return undefined;
  }
  return undefined;
}

/** The map that makes B of the product at `i` and can be computed with it. */
function findBefore(list: readonly Instruction[], i: number, p: Product): Found | undefined {
  if (!isRun(p.b.columns, p.n) || !isSteps(p.b.rows, p.n) || p.a.buffer === p.b.buffer) return undefined;
  for (let at = i - 1; at >= Math.max(0, i - reach); at--) {
    const previous = list[at]!;
    if (!writes(previous).has(p.b.buffer)) continue;
    const map = previous.kind === 'map' ? byColumns(previous, p.n, p.b) : undefined;
    const between = list.slice(at + 1, i);
    const needed = map && [...writes(map)].some(buffer => between.some(other => touches(other, buffer)));
    const stale = map && [...reads(map)].some(buffer => between.some(other => writes(other).has(buffer)));
    const product = map && [...writes(map)].some(b => b !== p.b.buffer && reads(p).has(b));
    return map && !needed && !stale && !product && !writes(p).has(p.b.buffer) && !overwrites(p, map)
      ? { at, map }
      : undefined;
  }
  return undefined;
}

/** Whether columns are computed group by group: all rows stay packed, and k is one panel deep. */
const inGroups = (p: Product): boolean => !p.inner && p.k <= depth && p.m * p.k <= packedRows && p.n > group;

/** Whether `map`, which stands after `between` and the product `p`, can be computed with `p`. */
function canMove(map: MapInstruction, between: readonly Instruction[], p: Product): boolean {
  const [read, written] = [reads(map), writes(map)];
  const made = [...between.map(writes), writes(p)];
  if ([...read].some(buffer => buffer !== p.out.buffer && made.some(set => set.has(buffer)))) return false;
  if ([...written].some(buffer => between.some(other => touches(other, buffer)))) return false;
  return ![...written].some(buffer => reads(p).has(buffer) || writes(p).has(buffer));
}

/** Whether one of two maps writes what the other one reads or writes. */
const meet = (a: MapInstruction, b: MapInstruction): boolean =>
  [...writes(a)].some(buffer => touches(b, buffer)) || [...writes(b)].some(buffer => touches(a, buffer));

/** Whether the product writes what the map reads. */
const overwrites = (p: Product, map: MapInstruction): boolean =>
  [...writes(p)].some(buffer => reads(map).has(buffer));

/** The product with its maps; what only they use is kept for one group alone. */
function withMaps(
  p: Product,
  before: MapInstruction | undefined,
  after: MapInstruction | undefined,
  users: Users,
): Product {
  const small = (buffer: Buffer): boolean => users.get(buffer) === 2;
  const localB = before !== undefined && small(p.b.buffer);
  const localOut = after !== undefined && small(p.out.buffer);
  const [b, out] = [{ size: p.k * group }, { size: p.m * group }];
  const shrink = (map: MapInstruction | undefined, from: Buffer, to: Buffer): MapInstruction | undefined => {
    const walk = <W extends Walk>(w: W): W =>
      w.buffer !== from
        ? w
        : {
            ...w,
            buffer: to,
            local: true,
            strides: w.strides.map((s, i) => (i === w.strides.length - 1 ? s : (s / p.n) * group)),
          };
    return map && { ...map, loads: map.loads.map(walk), stores: map.stores.map(walk) };
  };
  const narrow = (dims: readonly Dim[]): Dim[] => merged(dims).map(dim => ({ ...dim, stride: group }));
  const maps: Fused = {
    group,
    before: localB ? shrink(before, p.b.buffer, b) : before,
    after: localOut ? shrink(after, p.out.buffer, out) : after,
    localB,
    localOut,
  };
  return {
    ...p,
    ...(localB && {
      b: { buffer: b, offset: 0, rows: narrow(p.b.rows), columns: p.b.columns },
    }),
    ...(localOut && { out: { buffer: out, offset: 0, strides: [group, 1] as const } }),
    fused: maps,
  };
}
