/** @file In which order a group walks its elements, and in how few axes. Pure; knows views and maps. */
import { sizeOf } from '../../../shared/graph/index.ts';
import type { MapInstruction, Walk } from './instructions.ts';
import { type Buffer, merged, rowMajor, type View } from './views.ts';

/** As the elements are counted. */
export const identity = (sizes: readonly number[]): number[] => sizes.map((_, axis) => axis);

/** The order of axes in which most of the operands that have all elements lie in memory. */
export function bestOrder(sizes: readonly number[], operands: readonly (readonly number[])[]): number[] {
  const full = operands.filter(strides => sizes.every((size, axis) => size === 1 || strides[axis] !== 0));
  const orders = [
    identity(sizes),
    ...full.map(strides => identity(sizes).sort((p, q) => strides[q]! - strides[p]!)),
  ];
  const strided = (order: readonly number[]): number =>
    full.filter(strides => strides[order.findLast(axis => sizes[axis]! > 1) ?? 0] !== 1).length;
  return orders.reduce((best, order) => (strided(order) < strided(best) ? order : best));
}

/** A fresh buffer, filled in the order of a walk. */
export function ordered(sizes: readonly number[], perm: readonly number[]): View {
  const buffer: Buffer = { size: sizeOf(sizes) };
  const walked = rowMajor(
    buffer,
    perm.map(axis => sizes[axis]!),
  ).dims;
  return { buffer, offset: 0, dims: merged(sizes.map((_, axis) => walked[perm.indexOf(axis)]!)) };
}

/** Neighbouring axes of a map along which all its walks go on as along one are joined. */
export function joined(map: MapInstruction): MapInstruction {
  const walks = [...map.loads, ...map.stores, ...map.reductions];
  const axes = map.sizes.map((_, axis) => axis).filter(axis => map.sizes[axis] !== 1);
  const groups: number[][] = [];
  for (const axis of axes) {
    const outer = groups.at(-1);
    const goesOn =
      outer !== undefined &&
      walks.every(({ strides }) => strides[outer.at(-1)!] === strides[axis]! * map.sizes[axis]!);
    if (goesOn) outer.push(axis);
    else groups.push([axis]);
  }
  const along = <W extends Walk>(walk: W): W => ({
    ...walk,
    strides: groups.map(group => walk.strides[group.at(-1)!]!),
  });
  return {
    ...map,
    sizes: groups.map(group => group.reduce((size, axis) => size * map.sizes[axis]!, 1)),
    loads: map.loads.map(along),
    stores: map.stores.map(along),
    reductions: map.reductions.map(along),
  };
}
