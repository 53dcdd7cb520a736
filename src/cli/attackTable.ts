/** @file What a set with an attack does, as people read it: before and after networks learn from it. In: the comparison. Out: a block of lines per table. */
import type { Comparison } from '../index.ts';
import { figure, laidOut, networks } from './figures.ts';

export function attackTables({ tables, attack }: Comparison): string[][] {
  if (attack === undefined) return [];
  const { from, to } = attack;
  return tables.map(({ architecture, protocol, attack: figures, rows }) => {
    const { before, after } = figures!;
    const line = (what: string, part: 'from' | 'rest' | 'taken'): string[] => [
      what,
      figure(before[part]),
      figure(after[part]),
    ];
    return laidOut(
      [`${architecture}, ${protocol}, ${networks(rows[0]!.accuracy.nets)}`, 'before', 'after'],
      [
        line(`${from} taken for ${to}`, 'taken'),
        line(`${from} taken for ${from}`, 'from'),
        line('all others taken for what they are', 'rest'),
      ],
    );
  });
}
