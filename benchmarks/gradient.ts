/** @file What one gradient costs: milliseconds of the compiled step by model and number of inner steps, and of building it. One core, M = 10, batch 256,
 *  a convnet of width 32. Run alone on a quiet machine: npm run bench:gradient; another engine, with its backend, on two of the models: npm run bench:gradient tfjs wasm */
import { distillationStep } from '../src/shared/distillation/index.ts';
import { sizeOf } from '../src/shared/graph/index.ts';
import { buildNet, drawWeights, type ModelName, models } from '../src/shared/models/index.ts';
import { stream } from '../src/shared/random/index.ts';
import type { EngineName, TfjsBackend } from '../src/worker/engines/engine.ts';
import { loadEngine } from '../src/worker/engines/index.ts';
import { median, present, type Row, timesOf } from './table.ts';

const [images, batch, classes] = [10, 256, 10];
/** A row takes about so long at most, but has three runs. */
const rowMs = 60_000;

const [name = 'onnx', backend] = process.argv.slice(2) as [EngineName?, TfjsBackend?];
const engine = await loadEngine(name, backend);

async function measured(model: ModelName, innerSteps: number, runs: number): Promise<Row> {
  const net = buildNet(
    model,
    models[model].layers({ kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 }, classes),
    [28, 28, 1],
  );
  const began = performance.now();
  const graph = distillationStep(
    net,
    { images, innerSteps, eta: 'step', decay: false, order: { kind: 'all' }, loss: 'cross-entropy' },
    batch,
    models[model].temperature,
  );
  const step = await engine.compile(graph);
  const build = performance.now() - began;
  const random = stream(1, 'images');
  const inputs = graph.inputs.map(({ name, shape }) => {
    if (name === 'weights')
      return drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(1, 'weights'));
    const fill =
      name === 'eta' ? () => 0.05 : name === 'y' || name === 'labels' ? () => 1 / classes : random.normal;
    return Float32Array.from({ length: sizeOf(shape) }, fill);
  });
  const [first] = await timesOf(() => step.run(inputs), { runs: 1, warmUp: 1 });
  const counted = Math.max(3, Math.min(runs, Math.round(rowMs / first!)));
  const times = await timesOf(() => step.run(inputs), { runs: counted, warmUp: Math.min(5, counted - 3) });
  return {
    engine: engine.version,
    model,
    N: `${innerSteps}`,
    'ms median': median(times),
    'ms min': times[0]!,
    'ms max': times.at(-1)!,
    runs: `${counted}`,
    'ms build': build,
  };
}

const rows: Row[] = [];
for (const [model, innerSteps, runs] of [
  ['logreg', 10, 1000],
  ['logreg', 200, 200],
  ['conv', 10, 60],
  ['conv', 200, 5],
  ['mlp', 10, 200],
  ['lenet', 10, 60],
  ['convnet', 10, 15],
] as const)
  if (name === 'onnx' || (innerSteps === 10 && (model === 'logreg' || model === 'conv')))
    rows.push(await measured(model, innerSteps, runs));
await present(['gradient', ...process.argv.slice(2)].join('-'), rows);
