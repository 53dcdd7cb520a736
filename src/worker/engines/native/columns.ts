/** @file Maps and matrices by their columns. Pure; knows instructions and dims. */
import type { MapInstruction, Place, Walk } from './instructions.ts';
import { type Dim, merged } from './views.ts';

/** Whether an axis is one run of `size` neighbours. */
export const isRun = (dims: readonly Dim[], size: number): boolean => {
  const [only, ...more] = merged(dims);
  return only !== undefined && more.length === 0 && only.size === size && only.stride === 1;
};

/** Whether an axis goes in steps of `stride`, or not at all. */
export const isSteps = (dims: readonly Dim[], stride: number): boolean => {
  const [only, ...more] = merged(dims);
  return only === undefined || (more.length === 0 && only.stride === stride);
};

/** The map with its last axis cut to `columns`, where all that it does goes by columns and `place` is walked along rows of them. */
export function byColumns(map: MapInstruction, columns: number, place: Place): MapInstruction | undefined {
  const last = map.sizes.at(-1) ?? 1;
  if (last % columns !== 0) return undefined;
  const rows = last / columns;
  const along = <W extends Walk>(walk: W): W => {
    const stride = walk.strides.at(-1)!;
    return rows === 1 ? walk : { ...walk, strides: [...walk.strides.slice(0, -1), stride * columns, stride] };
  };
  const cut = {
    ...map,
    sizes: rows === 1 ? map.sizes : [...map.sizes.slice(0, -1), rows, columns],
    loads: map.loads.map(along),
    stores: map.stores.map(along),
    reductions: map.reductions.map(along),
  };
  const own = [...cut.loads, ...cut.stores].filter(walk => walk.buffer === place.buffer);
  const fits = own.every(
    ({ strides, offset }) =>
      offset === place.offset && strides.at(-1) === 1 && strides.slice(0, -1).every(s => s % columns === 0),
  );
  const max = cut.reductions.some(r => r.how === 'max' && r.strides.at(-1) === 0);
  return fits && own.length > 0 && place.offset === 0 && !max ? cut : undefined;
}
