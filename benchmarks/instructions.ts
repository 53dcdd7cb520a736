/** @file Where the time of one gradient goes in the engine native: least milliseconds by instruction of its plan, the dearest first, and their sums by kind, which what else the machine does
 *  disturbs less than a whole gradient. In: a model's name, logreg, conv, mlp, lenet or convnet.
 *  For choosing what to do next, not for the record. One core: npm run bench:instructions conv */
import type { ModelName } from '../src/shared/models/index.ts';
import { addon, bestSet } from '../src/worker/engines/native/addon.ts';
import { encode } from '../src/worker/engines/native/encode.ts';
import { planned } from '../src/worker/engines/native/index.ts';
import type { Instruction } from '../src/worker/engines/native/instructions.ts';
import { stepOf, usualSizes } from './step.ts';
import { type Row, tableOf } from './table.ts';

const [runs, shown] = [30, 30];

const { graph, inputs } = stepOf((process.argv[2] ?? 'conv') as ModelName, usualSizes);
const plan = planned(graph);
const { words, constants, memory, outputs } = encode(plan);
const program = addon.create(words, constants, memory, bestSet);
const results = outputs.map(size => new Float32Array(size));
const run = (): void => addon.run(program, inputs, results);
run();
addon.times(program); // begins to take them
const all = Array.from({ length: runs }, () => {
  run();
  return addon.times(program);
});
const least = all[0]!.map((_, i) => Math.min(...all.map(times => times[i]!)));

interface Line {
  readonly kind: Instruction['kind'];
  readonly what: string;
  /** In one gradient. */
  readonly runs: number;
}

/** A line for each instruction in the order in which they are encoded, loops before what is in them. */
const linesOf = (list: readonly Instruction[], loops: number): Line[] =>
  list.flatMap(instruction => {
    const line = { kind: instruction.kind, what: wordsOf(instruction), runs: loops };
    return instruction.kind === 'loop'
      ? [line, ...linesOf(instruction.body, loops * instruction.length)]
      : [line];
  });

function wordsOf(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'product': {
      const { m, n, k, fused } = instruction;
      const maps = [fused?.before && 'a map before', fused?.after && 'a map after'].filter(Boolean);
      return `product ${m}×${n}×${k}${maps.map(map => `, ${map}`).join('')}`;
    }
    case 'map':
      return `map ${instruction.sizes.join('×')}: ${instruction.steps.map(({ op }) => op).join(' ') || 'copy'}`;
    case 'logSoftmax':
      return `log-softmax ${instruction.rows}×${instruction.classes}`;
    case 'loop':
      return `loop of ${instruction.length}, with all in it`;
  }
}

const lines = linesOf(plan.instructions, 1);
const rows = lines
  .map(({ what, runs: count }, i): Row => ({ instruction: what, runs: `${count}`, ms: least[i]! }))
  .sort((a, b) => Number(b.ms) - Number(a.ms));
console.log(tableOf(rows.slice(0, shown)));
const msOf = (kind: Instruction['kind']): number =>
  lines.reduce((sum, line, i) => sum + (line.kind === kind ? least[i]! : 0), 0);
const kinds = ['product', 'map', 'logSoftmax'] as const;
const sums = kinds.map((kind): Row => ({ 'all of a kind': kind, ms: msOf(kind) }));
const total = kinds.reduce((sum, kind) => sum + msOf(kind), 0);
console.log(`\n${tableOf([...sums, { 'all of a kind': 'all', ms: total }])}`);
