import { expect, test } from 'vitest';
import { sizeOf } from '../../src/shared/graph/index.ts';
import { addon, type InstructionSet } from '../../src/worker/engines/native/addon.ts';
import { arranged } from '../../src/worker/engines/native/arrange.ts';
import { encode } from '../../src/worker/engines/native/encode.ts';
import type { MapInstruction, Plan } from '../../src/worker/engines/native/instructions.ts';

interface Case {
  readonly sizes: readonly number[];
  readonly load: readonly number[];
  readonly store?: readonly number[];
  readonly sum?: readonly number[];
  readonly how?: 'sum' | 'max';
}

/** How far a walk goes, in floats. */
const span = (sizes: readonly number[], strides: readonly number[]): number =>
  1 + strides.reduce((end, stride, axis) => end + stride * (sizes[axis]! - 1), 0);

/** A map that negates what it reads, stores that and adds it up. */
function planOf({ sizes, load, store, sum, how = 'sum' }: Case): Plan {
  const x = { size: span(sizes, load) };
  const [out, total] = [store, sum].map(strides => ({ size: strides ? span(sizes, strides) : 1 }));
  const map: MapInstruction = {
    kind: 'map',
    sizes,
    registers: 2,
    loads: [{ buffer: x, offset: 0, register: 0, strides: load }],
    steps: [{ op: 'neg', out: 1, a: 0, b: 0, c: 0 }],
    stores: store ? [{ buffer: out!, offset: 0, register: 1, strides: store }] : [],
    reductions: sum
      ? [{ buffer: total!, offset: 0, register: 1, strides: sum, how, outSize: total!.size }]
      : [],
  };
  const outputs = [...(store ? [out!] : []), ...(sum ? [total!] : [])];
  return {
    instructions: [map],
    inputs: [x],
    outputs: outputs.map(buffer => ({ buffer, offset: 0, dims: [] })),
    constants: new Map(),
  };
}

function run(plan: Plan, x: Float32Array, set: InstructionSet): Float32Array[] {
  const { words, constants, memory, outputs } = encode(plan);
  const results = outputs.map(size => new Float32Array(size));
  addon.run(addon.create(words, constants, memory, set), [x], results);
  return results;
}

/** What the map of `planOf` means, element by element. */
function meant({ sizes, load, store, sum, how }: Case, x: Float32Array): Float32Array[] {
  const out = new Float32Array(store ? span(sizes, store) : 0);
  const total = new Float32Array(sum ? span(sizes, sum) : 0).fill(how === 'max' ? -Infinity : 0);
  for (let n = 0; n < sizeOf(sizes); n++) {
    let rest = n;
    const index = [...sizes].reverse().map(size => {
      const at = rest % size;
      rest = (rest - at) / size;
      return at;
    });
    index.reverse();
    const at = (strides: readonly number[]): number =>
      strides.reduce((to, s, axis) => to + s * index[axis]!, 0);
    const value = -x[at(load)]!;
    if (store) out[at(store)] = value;
    if (sum) total[at(sum)] = how === 'max' ? Math.max(total[at(sum)]!, value) : total[at(sum)]! + value;
  }
  return [...(store ? [out] : []), ...(sum ? [total] : [])];
}

const cases: Record<string, Case> = {
  'into the middle of a border': { sizes: [3, 14, 140], load: [1960, 140, 1], store: [2560, 160, 1] },
  'out of one, in runs of ten': { sizes: [5, 9, 10], load: [200, 20, 1], store: [90, 10, 1] },
  'runs of every length that is copied whole': { sizes: [40, 33], load: [35, 1], store: [33, 1] },
  'runs of seven': { sizes: [90, 7], load: [7, 1], store: [11, 1] },
  'runs of three, turned': { sizes: [50, 4, 3], load: [12, 3, 1], store: [3, 150, 1] },
  'rows of one row repeated': { sizes: [100, 10], load: [0, 1], store: [10, 1] },
  'sums of pools': { sizes: [4, 6, 2, 2, 10], load: [240, 20, 120, 10, 1], sum: [60, 10, 0, 0, 1] },
  'largest of pools': {
    sizes: [4, 6, 2, 2, 10],
    load: [240, 20, 120, 10, 1],
    sum: [60, 10, 0, 0, 1],
    how: 'max',
  },
  'sums of pools, windows first': {
    sizes: [2, 2, 30, 14, 5],
    load: [70, 5, 280, 10, 1],
    sum: [0, 0, 70, 5, 1],
  },
  'sums over many rows of ten': { sizes: [3, 784, 10], load: [7840, 10, 1], sum: [10, 0, 1] },
  'sums over the outermost axis': { sizes: [50, 3, 330], load: [990, 330, 1], sum: [0, 330, 1] },
  'one sum of all': { sizes: [3, 700], load: [700, 1], sum: [0, 0] },
  'rows that fill no chunk': { sizes: [7, 101, 5], load: [505, 5, 1], store: [505, 5, 1], sum: [5, 0, 1] },
};

const whole = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) - 50);

test.each(Object.entries(cases))('a map, %s, however it is cut and arranged', (_, one) => {
  const x = whole(span(one.sizes, one.load));
  const expected = meant(one, x);
  for (const set of addon.instructionSets()) {
    expect(run(planOf(one), x, set)).toEqual(expected);
    expect(run(arranged(planOf(one)), x, set)).toEqual(expected);
  }
});

test('short sums are taken of what lies in order, as the operand lies', () => {
  const { instructions } = arranged(planOf(cases['sums of pools']!));
  expect(instructions[0]).toMatchObject({
    sizes: [4, 2, 6, 2, 10],
    loads: [{ strides: [240, 120, 20, 10, 1] }],
  });
});

test('what long sums are taken over comes inside of what it is not', () => {
  const { instructions } = arranged(planOf(cases['sums over the outermost axis']!));
  expect(instructions[0]).toMatchObject({ sizes: [3, 50, 330], reductions: [{ strides: [330, 0, 1] }] });
});
