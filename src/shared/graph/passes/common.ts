/** @file Common subexpressions: equal nodes become one. Bodies of scans are open to it, so what two loops compute from outside values is computed once. */
import type { Tensor } from '../tensor.ts';
import type { Rule } from './rewrite.ts';

/** A rule with a memory: gives the first node that was equal. Make a new one for each rewrite. */
export function common(): Rule {
  const first = new Map<string, Tensor>();
  const numbers = new Map<Tensor, number>();
  const number = (t: Tensor): number => {
    const known = numbers.get(t) ?? numbers.size;
    numbers.set(t, known);
    return known;
  };
  return t => {
    if (t.kind !== 'apply' && t.kind !== 'constant') return undefined;
    const key =
      t.kind === 'constant'
        ? t.data.length > 64
          ? undefined
          : `constant ${t.shape} ${Array.from(t.data, v => (Object.is(v, -0) ? '-0' : v)).join()}`
        : `${t.primitive.op} ${JSON.stringify(t.params)} ${t.inputs.map(number).join()}`;
    if (key === undefined) return undefined;
    const known = first.get(key);
    if (known === undefined) first.set(key, t);
    return known;
  };
}
