import { expect, test } from 'vitest';
import { type Graph, input, mul } from '../../src/shared/graph/index.ts';
import type { Engine } from '../../src/worker/engines/engine.ts';
import { loadEngine } from '../../src/worker/engines/index.ts';
import { guarded } from '../../src/worker/guarded.ts';

const x = input('x', [2]);
const square: Graph = { inputs: [x], outputs: [mul(x, x)] };

test.each([
  ['onnx', 1],
  ['reference', 0],
] as const)('%s passes the gate to compile and for each run, if it is native', async (name, times) => {
  let passed = 0;
  const engine = guarded(await loadEngine(name), work => {
    passed += 1;
    return work();
  });
  const { run } = await engine.compile(square);
  expect(passed).toBe(times);
  for (const values of [
    [2, 3],
    [4, 5],
  ])
    expect([...(await run([Float32Array.from(values)]))[0]!]).toEqual(values.map(v => v * v));
  expect([engine.name, passed]).toEqual([name, 3 * times]);
});

test('so it does where it computes several lanes', async () => {
  let passed = 0;
  const lanes: Engine = { ...(await loadEngine('native')), native: true };
  const engine = guarded(lanes, work => {
    passed += 1;
    return work();
  });
  const { run } = await engine.compileLanes!(square, 2, new Set(['x']));
  expect([...(await run([Float32Array.of(2, 3, 4, 5)]))[0]!]).toEqual([4, 9, 16, 25]);
  expect(passed).toBe(2);
  expect(guarded(await loadEngine('onnx'), work => work()).compileLanes).toBeUndefined();
});
