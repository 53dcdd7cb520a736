/** @file Ours as one contender, in a process of its own that speaks as python/serve.py does. In: one JSON argument, whose `variant` is the name of an engine.
 *  Members are computed one after another, as a worker does. */
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { decodeNpz, encodeNpz, readWhole } from '../../src/shared/artifacts/index.ts';
import { distillationStep } from '../../src/shared/distillation/index.ts';
import { sizeOf } from '../../src/shared/graph/index.ts';
import { models } from '../../src/shared/models/index.ts';
import type { EngineName, Numbers } from '../../src/worker/engines/engine.ts';
import { loadEngine } from '../../src/worker/engines/index.ts';
import { netOf, sizes } from './cases.ts';
import { type Asked, outputs } from './contender.ts';
import { taskLimitBytes } from './task.ts';

const { task, result, model, variant, members } = JSON.parse(process.argv[2]!) as Asked;
const arrays = decodeNpz(await readWhole(task, 'a task of this benchmark', taskLimitBytes), task);
const values = (name: string): Float32Array => arrays[name]!.data as Float32Array;

const net = netOf(model);
const weightsOf = (member: number): Float32Array => {
  const flat = new Float32Array(net.weightCount);
  for (const { name, shape, offset } of net.weights) {
    const size = sizeOf(shape);
    flat.set(values(`weights.${name}`).subarray(member * size, (member + 1) * size), offset);
  }
  return flat;
};

const say = (what: unknown): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

const start = performance.now();
const graph = distillationStep(
  net,
  { ...sizes, eta: 'step', decay: false, order: { kind: 'all' }, loss: 'cross-entropy' },
  sizes.batch,
  models[model].temperature,
);
const engine = await loadEngine(variant as EngineName);
const step = await engine.compile(graph);
const inputs = Array.from({ length: members[1] - members[0] }, (_, j) => {
  const weights = weightsOf(members[0] + j);
  return graph.inputs.map(({ name }) => (name === 'weights' ? weights : values(name)));
});

/** Where each member's results go, as in a worker. */
const rooms = inputs.map(() => graph.outputs.map(({ shape }) => new Float32Array(sizeOf(shape))));

async function run(): Promise<(readonly Numbers[])[]> {
  const results: (readonly Numbers[])[] = [];
  for (const [j, given] of inputs.entries()) results.push(await step.run(given, rooms[j]));
  return results;
}

const results = await run();
const seconds = (performance.now() - start) / 1000;
const stored = outputs.map((name, i) => {
  const data = Float32Array.from(results.flatMap(result => [...result[i]!]));
  return [name, { shape: [data.length], data }] as const;
});
await writeFile(result, encodeNpz(Object.fromEntries(stored)));
say({ seconds, version: engine.version });

for await (const line of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let i = 0; i < Number(line); i++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
  say(times);
}
