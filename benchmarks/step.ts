/** @file The step that is timed: graph and inputs of one gradient of any size. In: model and sizes. Out: a graph, and values as in a run; the data are noise, since no
 *  engine is faster on real ones. */
import { distillationStep } from '../src/shared/distillation/index.ts';
import { type Graph, sizeOf } from '../src/shared/graph/index.ts';
import { buildNet, drawWeights, type ModelName, models } from '../src/shared/models/index.ts';
import { stream } from '../src/shared/random/index.ts';
import type { Engine } from '../src/worker/engines/engine.ts';

export interface StepSizes {
  /** N inner steps. */
  readonly innerSteps: number;
  /** M distilled images, all seen by every inner step. */
  readonly images: number;
  /** B real images. */
  readonly batch: number;
  /** Height and width of grey images, in pixels. */
  readonly side: number;
}

/** Those of a run with the usual options on MNIST. */
export const usualSizes: StepSizes = { innerSteps: 10, images: 10, batch: 256, side: 28 };

const classes = 10;
/** The usual options but for a narrow convnet: the usual width of 128 takes seconds. */
const modelOptions = { kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 };

export interface Step {
  readonly graph: Graph;
  readonly inputs: readonly Float32Array[];
}

export function stepOf(model: ModelName, { innerSteps, images, batch, side }: StepSizes): Step {
  const net = buildNet(model, models[model].layers(modelOptions, classes), [side, side, 1]);
  const graph = distillationStep(
    net,
    { images, innerSteps, eta: 'step', decay: false, order: { kind: 'all' }, loss: 'cross-entropy' },
    batch,
    models[model].temperature,
  );
  const random = stream(1, 'images');
  const inputs = graph.inputs.map(({ name, shape }) => {
    if (name === 'weights')
      return drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(1, 'weights'));
    const fill =
      name === 'eta' ? () => 0.05 : name === 'y' || name === 'labels' ? () => 1 / classes : random.normal;
    return Float32Array.from({ length: sizeOf(shape) }, fill);
  });
  return { graph, inputs };
}

/** The step made ready to run on `engine`; it runs by calling. */
export async function runnable({ graph, inputs }: Step, engine: Engine): Promise<() => Promise<unknown>> {
  const compiled = await engine.compile(graph);
  return () => compiled.run(inputs);
}
