/** @file Random graphs. A program is a list of moves; each makes a legal node out of whatever tensors it is handed, so any part of a program is one
 *  too, and a failing one shrinks. Values stay small: what could grow goes through tanh first. */
import fc from 'fast-check';
import {
  constant,
  expand,
  type Graph,
  input,
  print,
  scalar,
  type Tensor,
} from '../../../src/shared/graph/index.ts';
import { moves } from './moves.ts';

/** One move and the numbers that decide what it is done to. */
interface Step {
  readonly move: keyof typeof moves;
  readonly choices: readonly number[];
}

const step = (names: readonly (keyof typeof moves)[]): fc.Arbitrary<Step> =>
  fc.record({
    move: fc.constantFrom(...names),
    choices: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
  });

/** Random graphs of up to `maxLength` moves on inputs of several shapes, scalars, zeros and ones; `loops`: scans, and scans in scans, among them. */
export const programs = ({ maxLength = 14, loops = true } = {}): fc.Arbitrary<Graph> => {
  const names = Object.keys(moves) as (keyof typeof moves)[];
  const all = loops
    ? [...names, ...new Array<'scan'>(4).fill('scan')]
    : names.filter(name => name !== 'scan');
  return fc.array(step(all), { minLength: 1, maxLength }).map(performed);
};

function performed(steps: readonly Step[]): Graph {
  const inputs = [[3, 2], [2, 3], [3], [1, 2], [], [6, 1], [2, 3, 4]].map((shape, i) =>
    input(`x${i}`, shape),
  );
  const given: Tensor[] = [
    ...inputs,
    scalar(0.5),
    constant([1, -1, 0.5], [3]),
    expand(scalar(0), [3, 2]),
    expand(scalar(1), [2, 3]),
  ];
  const tensors = [...given];
  for (const { move, choices } of steps) {
    let next = 0;
    const pick = (count: number): number => choices[next++ % choices.length]! % count;
    tensors.push(moves[move]({ tensors, pick, depth: 0 }));
  }
  const outputs = tensors.slice(given.length).slice(-2);
  return Object.assign(
    { inputs, outputs },
    { [fc.toStringMethod]: () => `\n${print({ inputs, outputs })}\n` },
  );
}
