/** @file Steps of a map made fewer: a product that only one sum reads is computed with it, rounded once. Pure; knows steps only. */
import type { FusedOp, MapStep } from './instructions.ts';

/** `steps` with their multiply-adds. @param kept values that are read after the steps */
export function multiplyAdds(steps: readonly MapStep[], kept: ReadonlySet<number>): MapStep[] {
  const uses = new Map<number, number>();
  const read = (step: MapStep): readonly number[] =>
    isFused(step.op) ? [step.a, step.b, step.c] : binary.has(step.op) ? [step.a, step.b] : [step.a];
  for (const step of steps) for (const value of read(step)) uses.set(value, (uses.get(value) ?? 0) + 1);
  const products = new Map<number, MapStep>();
  for (const step of steps)
    if (step.op === 'mul' && uses.get(step.out) === 1 && !kept.has(step.out)) products.set(step.out, step);
  const taken = new Set<number>();
  const joined = steps.map(step => {
    const [left, right] = [products.get(step.a), products.get(step.b)];
    const make = (op: FusedOp, product: MapStep, c: number): MapStep => {
      taken.add(product.out);
      return { op, out: step.out, a: product.a, b: product.b, c };
    };
    if (step.op === 'add' && left !== undefined) return make('mulAdd', left, step.b);
    if (step.op === 'add' && right !== undefined) return make('mulAdd', right, step.a);
    if (step.op === 'sub' && right !== undefined) return make('mulFrom', right, step.a);
    if (step.op === 'sub' && left !== undefined) return make('mulSub', left, step.b);
    return step;
  });
  return joined.filter(step => !taken.has(step.out));
}

const binary: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div', 'greater']);
const isFused = (op: string): op is FusedOp => op === 'mulAdd' || op === 'mulFrom' || op === 'mulSub';
