/** @file Registers of a map: values get numbers that are used again once a value is no longer needed, so that they stay in the first cache. Knows maps only. */
import type { MapInstruction } from './instructions.ts';

/** The same map with as few registers as its values need. Loads keep registers of their own: they are filled before the steps. */
export function allocate(map: MapInstruction): MapInstruction {
  const end = map.steps.length;
  const lastUse = new Map<number, number>();
  map.steps.forEach(({ a, b, c }, i) => {
    for (const value of [a, b, c]) lastUse.set(value, i);
  });
  for (const { register } of [...map.stores, ...map.reductions]) lastUse.set(register, end);
  const at = new Map<number, number>(map.loads.map(({ register }, i) => [register, i]));
  const stored = new Set(map.stores.map(({ register }) => register));
  const free: number[] = [];
  let count = map.loads.length;
  const steps = map.steps.map((step, i) => {
    const [a, b, c] = [at.get(step.a)!, at.get(step.b)!, at.get(step.c)!];
    // A value that is stored may lie in the memory it is stored to, and a load in the one it comes from: neither is overwritten.
    for (const value of new Set([step.a, step.b, step.c]))
      if (lastUse.get(value) === i && !stored.has(value) && at.get(value)! >= map.loads.length)
        free.push(at.get(value)!);
    const out = stored.has(step.out) ? count++ : (free.pop() ?? count++);
    at.set(step.out, out);
    if (!lastUse.has(step.out)) free.push(out);
    return { ...step, out, a, b, c };
  });
  const moved = <W extends { readonly register: number }>(walk: W): W => ({
    ...walk,
    register: at.get(walk.register)!,
  });
  return {
    ...map,
    registers: count,
    steps,
    loads: map.loads.map(moved),
    stores: map.stores.map(moved),
    reductions: map.reductions.map(moved),
  };
}
