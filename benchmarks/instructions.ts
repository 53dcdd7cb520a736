/** @file Where the time of one gradient goes in the engine native: milliseconds by instruction of its plan, the dearest first. In: a model's name, logreg, conv, mlp, lenet or convnet.
 *  For choosing what to do next, not for the record. One core: npm run bench:instructions conv */
import type { ModelName } from '../src/shared/models/index.ts';
import { addon, bestSet } from '../src/worker/engines/native/addon.ts';
import { encode } from '../src/worker/engines/native/encode.ts';
import { planned } from '../src/worker/engines/native/index.ts';
import type { Instruction } from '../src/worker/engines/native/instructions.ts';
import { stepOf, usualSizes } from './step.ts';
import { type Row, tableOf } from './table.ts';

const [runs, shown] = [20, 30];

const { graph, inputs } = stepOf((process.argv[2] ?? 'conv') as ModelName, usualSizes);
const plan = planned(graph);
const { words, constants, memory, outputs } = encode(plan);
const program = addon.create(words, constants, memory, bestSet);
const results = outputs.map(size => new Float32Array(size));
const repeat = (): void => {
  for (let i = 0; i < runs; i++) addon.run(program, inputs, results);
};
repeat();
addon.times(program); // begins to take them
repeat();
const times = addon.times(program).map(ms => ms / runs);

/** A row for each instruction in the order in which they are encoded, loops before what is in them. */
const rowsOf = (list: readonly Instruction[], loops: number): { what: string; runs: number }[] =>
  list.flatMap(instruction =>
    instruction.kind === 'loop'
      ? [{ what: wordsOf(instruction), runs: loops }, ...rowsOf(instruction.body, loops * instruction.length)]
      : [{ what: wordsOf(instruction), runs: loops }],
  );

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

const rows = rowsOf(plan.instructions, 1)
  .map(({ what, runs: count }, i): Row => ({ instruction: what, runs: `${count}`, ms: times[i]! }))
  .sort((a, b) => Number(b.ms) - Number(a.ms));
console.log(tableOf(rows.slice(0, shown)));
