/** @file Maps that may write where they read: an operand that no one needs any more gives its place to a result that lies as it does. Pure; knows instructions only. */
import { sizeOf } from '../../../shared/graph/index.ts';
import type { MapInstruction, Walk } from './instructions.ts';
import type { Buffer } from './views.ts';

/** Results of `map` by the operands in whose place they may be computed, for all one knows of the map: its loads are read chunk by chunk, each before what takes its place is
 *  written. */
export function replaceable({ sizes, loads, steps, stores, reductions }: MapInstruction): [Buffer, Buffer][] {
  const elements = sizeOf(sizes);
  const isWhole = ({ buffer, offset }: Walk): boolean => offset === 0 && buffer.size === elements;
  const lastRead = (register: number): number =>
    steps.findLastIndex(({ a, b, c }) => [a, b, c].includes(register));
  const isFree = (load: Walk, by: Walk): boolean =>
    loads.every(other => other === load || other.buffer !== load.buffer) &&
    [...stores, ...reductions].every(({ register }) => register !== load.register) &&
    lastRead(load.register) <= steps.findIndex(({ out }) => out === by.register);
  return stores
    .filter(isWhole)
    .flatMap(store =>
      loads
        .filter(load => isWhole(load) && `${load.strides}` === `${store.strides}` && isFree(load, store))
        .map((load): [Buffer, Buffer] => [store.buffer, load.buffer]),
    );
}
