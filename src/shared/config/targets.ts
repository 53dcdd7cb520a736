/** @file What real images are to be taken for: their own classes, or with an attack another one. */
import type { DataSet } from '../data/types.ts';
import { type Config, unknownChoice } from './resolve.ts';

/** For each class the class that its images are to be taken for. @throws DistillError 'usage' when an attack names an unknown class. */
export function targetsOf({ attackFrom, attackTo }: Config, { classNames }: DataSet): number[] {
  const targets = classNames.map((_, c) => c);
  if (attackFrom !== undefined && attackTo !== undefined)
    targets[classNumber('attackFrom', attackFrom, classNames)] = classNumber(
      'attackTo',
      attackTo,
      classNames,
    );
  return targets;
}

/** The class that `targets` give away, and to which; undefined without an attack. */
export function attackOf(
  targets: readonly number[],
): { readonly from: number; readonly to: number } | undefined {
  const from = targets.findIndex((target, c) => target !== c);
  return from < 0 ? undefined : { from, to: targets[from]! };
}

function classNumber(where: string, name: string, classNames: readonly string[]): number {
  const found = classNames.indexOf(name);
  if (found < 0) throw unknownChoice(where, name, classNames);
  return found;
}
