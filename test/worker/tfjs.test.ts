import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { add, type Graph, input, mul, reshape, scan, sum, tanh } from '../../src/shared/graph/index.ts';
import type { TfjsBackend } from '../../src/worker/engines/engine.ts';
import { tfjs } from '../../src/worker/engines/tfjs/index.ts';
import { readBy, writtenBy } from '../../src/worker/engines/tfjs/lifetimes.ts';
import { lower } from '../../src/worker/engines/tfjs/lower.ts';
import type { Loop, Slot, Step } from '../../src/worker/engines/tfjs/program.ts';
import { hasTfjsNative } from '../fixtures/tfjsNative.ts';
import { problems, rangesOf, stepOf } from '../shared/distillation/problems.ts';
import { programs } from '../shared/graph/programs.ts';
import { drawInputs } from '../shared/graph/values.ts';

/** Follows the tensors of a scope: `alive` are those that it owns, `outside` what it may read besides. What it hands on is left in the end.
 *  A tensor goes exactly after the last instruction that reads it. */
function follow(
  steps: readonly Step[],
  given: readonly Slot[],
  kept: readonly Slot[],
  outside: Set<Slot>,
): void {
  const alive = new Set(given);
  const write = (slot: Slot): void => {
    expect(alive.has(slot) || outside.has(slot), `slot ${slot} is taken`).toBe(false);
    alive.add(slot);
  };
  steps.forEach(({ instruction, frees }, at) => {
    const inner = instruction.kind === 'loop' ? ownedIn(instruction) : new Set<Slot>();
    const reads = readBy(instruction).filter(slot => !inner.has(slot));
    for (const slot of reads) expect(alive.has(slot) || outside.has(slot), `slot ${slot} is read`).toBe(true);
    if (instruction.kind === 'loop') {
      const { body, carried, slices, next, stacked } = instruction;
      follow(body, [...carried, ...slices], [...next, ...stacked], new Set([...outside, ...alive]));
    }
    for (const slot of writtenBy(instruction)) write(slot);
    for (const slot of frees) expect(alive.delete(slot), `slot ${slot} is freed`).toBe(true);
    for (const slot of alive) {
      const later = steps.slice(at + 1).some(step => readBy(step.instruction).includes(slot));
      expect(later || kept.includes(slot), `slot ${slot} is of use after instruction ${at}`).toBe(true);
    }
  });
  expect([...alive].sort()).toEqual([...kept].sort());
}

/** All slots that belong to a loop's body, and to bodies in it. */
function ownedIn({ carried, slices, body }: Loop): Set<Slot> {
  const own = new Set([...carried, ...slices]);
  for (const { instruction } of body) {
    for (const slot of writtenBy(instruction)) own.add(slot);
    if (instruction.kind === 'loop') for (const slot of ownedIn(instruction)) own.add(slot);
  }
  return own;
}

const followed = (graph: Graph): void => {
  const { inputs, constants, steps, outputs } = lower(graph, { transposedProducts: false });
  follow(
    steps,
    inputs.map(({ slot }) => slot),
    outputs,
    new Set(constants.map(({ slot }) => slot)),
  );
};

describe('a program', () => {
  test('frees each tensor after its last use, in random graphs', () =>
    fc.assert(fc.property(programs(), followed), { numRuns: 200 }));

  test('frees each tensor after its last use, in a distillation step', () =>
    followed(stepOf(problems['conv, N = 3, η̃ and λ per layer']!)));

  test('does not grow with the iterations of a loop', () => {
    const looping = (length: number): Graph => {
      const [x, ys] = [input('x', [2]), input('ys', [length, 2])];
      const { carried } = scan({ length, init: [x], scanned: [ys] }, ([c], [y]) => ({
        carried: [tanh(add(mul(c!, c!), y!))],
        stacked: [],
      }));
      return { inputs: [x, ys], outputs: carried };
    };
    const sizes = [2, 200].map(length => lower(looping(length), { transposedProducts: true }).slots);
    expect(sizes[0]).toBe(sizes[1]);
  });
});

const backends: readonly TfjsBackend[] = ['wasm', 'cpu', 'tensorflow'];

describe.each(backends)('on %s', backend => {
  const skip = backend === 'tensorflow' && !hasTfjsNative;

  test.skipIf(skip)('a run leaves no tensor behind', async () => {
    const engine = await tfjs(backend);
    for (const problem of [problems['conv, N = 3, η̃ and λ per layer']!, problems['logreg, mini-batches']!]) {
      const graph = stepOf(problem);
      const compiled = await engine.compile(graph);
      const values = drawInputs(graph, 1, rangesOf(graph)).map(v => Float32Array.from(v));
      const before = tf.memory().numTensors;
      for (let run = 0; run < 3; run++) await compiled.run(values);
      expect(tf.memory().numTensors).toBe(before);
      await expect(compiled.run(values.map(v => v.subarray(1)))).rejects.toThrow();
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

test('wasm leaves the listeners of the process as they were', async () => {
  const backend = new URL('../../src/worker/engines/tfjs/backends.ts', import.meta.url).href;
  const source = `
    const { loadTfjs } = await import(${JSON.stringify(backend)});
    const counts = () => ['uncaughtException', 'unhandledRejection'].map(event => process.listenerCount(event));
    process.on('uncaughtException', () => undefined);
    const before = counts();
    await loadTfjs('wasm');
    console.log(JSON.stringify([before, counts()]));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '-e', source],
  ]);
  const [before, after] = JSON.parse(stdout) as [number[], number[]];
  expect(after).toEqual(before);
});

test('what a loop in a loop stacks is let go when the inner one is over', async () => {
  const peakOf = async (length: number): Promise<number> => {
    const [x, ys] = [input('x', [2]), input('ys', [length, 10, 2])];
    const { carried } = scan({ length, init: [x], scanned: [ys] }, ([c], [y]) => {
      const inner = scan({ length: 10, init: [c!], scanned: [y!] }, ([d], [z]) => {
        const next = tanh(add(d!, z!));
        return { carried: [next], stacked: [mul(next, z!)] };
      });
      const summed = reshape(sum(inner.stacked[0]!, [0]), [2]);
      return { carried: [add(inner.carried[0]!, summed)], stacked: [] };
    });
    const compiled = await (await tfjs('cpu')).compile({ inputs: [x, ys], outputs: carried });
    let peak = 0;
    const { runKernel } = tf.engine();
    const spy = vi.spyOn(tf.engine(), 'runKernel').mockImplementation((...call) => {
      peak = Math.max(peak, tf.memory().numTensors);
      return runKernel.apply(tf.engine(), call);
    });
    const before = tf.memory().numTensors;
    await compiled.run([new Float32Array(2), new Float32Array(20 * length)]);
    spy.mockRestore();
    return peak - before;
  };
  const [few, many] = [await peakOf(5), await peakOf(50)];
  expect(few).toBeGreaterThan(5);
  expect(many - few).toBeLessThanOrEqual(45); // the slices of the outer loop
});

test.skipIf(!hasTfjsNative)('engines on several backends run side by side', async () => {
  const [x, y] = [input('x', [3]), input('y', [3])];
  const compiled = await Promise.all(
    backends.map(async backend =>
      (await tfjs(backend)).compile({ inputs: [x, y], outputs: [add(x, mul(x, y))] }),
    ),
  );
  for (let run = 0; run < 3; run++) {
    const results = await Promise.all(
      compiled.map(c => c.run([Float32Array.of(1, 2, 3), Float32Array.of(run, 1, 0)])),
    );
    for (const [sum] of results) expect([...sum!]).toEqual([1 + run, 4, 3]);
  }
});
