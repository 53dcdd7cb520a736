/** @file Ours as one contender, in a process of its own that speaks as python/serve.py does. In: one JSON argument, whose `variant` is the name of an engine.
 *  Members are computed as a worker does: in one call of the engine where a task would have them all, else one after another. */
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { mostMembers } from '../../src/coordinator/groups.ts';
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

/** Those of `count` members from `first` on, member after member. */
const weightsOf = (first: number, count: number): Float32Array => {
  const flat = new Float32Array(count * net.weightCount);
  for (const { name, shape, offset } of net.weights) {
    const size = sizeOf(shape);
    for (let i = 0; i < count; i++)
      flat.set(
        values(`weights.${name}`).subarray((first + i) * size, (first + i + 1) * size),
        i * net.weightCount + offset,
      );
  }
  return flat;
};

const say = (what: unknown): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

const start = performance.now();
const schedule = {
  ...sizes,
  eta: 'step',
  decay: false,
  order: { kind: 'all' },
  loss: 'cross-entropy',
} as const;
const graph = distillationStep(net, schedule, sizes.batch, models[model].temperature);
const engine = await loadEngine(variant as EngineName);
const count = members[1] - members[0];
const inOneCall = count > 1 && count <= mostMembers(net, schedule, sizes.batch);
const together = inOneCall && engine.compileLanes ? count : 1;
const step = await (together > 1
  ? engine.compileLanes!(graph, together, new Set(['weights']))
  : engine.compile(graph));

/** What goes into each call, and where its results go, as in a worker. */
const calls = Array.from({ length: count / together }, (_, i) => {
  const weights = weightsOf(members[0] + i * together, together);
  return {
    inputs: graph.inputs.map(({ name }) => (name === 'weights' ? weights : values(name))),
    room: graph.outputs.map(({ shape }) => new Float32Array(together * sizeOf(shape))),
  };
});

async function run(): Promise<(readonly Numbers[])[]> {
  const results: (readonly Numbers[])[] = [];
  for (const { inputs, room } of calls) results.push(await step.run(inputs, room));
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
