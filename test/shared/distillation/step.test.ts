import { describe, expect, test } from 'vitest';
import {
  distillationStep,
  layerCount,
  outerLoss,
  prediction,
  stepOutputs,
  trainingSteps,
} from '../../../src/shared/distillation/index.ts';
import { innerStep } from '../../../src/shared/distillation/inner.ts';
import {
  evaluate,
  type Graph,
  gradient,
  input,
  matmul,
  type Op,
  optimise,
  print,
  reshape,
  sizeOf,
  slice,
  type Tensor,
  topological,
  verify,
} from '../../../src/shared/graph/index.ts';
import { forward, unflatten } from '../../../src/shared/models/index.ts';
import { stream } from '../../../src/shared/random/index.ts';
import { centralDifference } from '../graph/differences.ts';
import { draw, expectClose, inner, relativeDistance } from '../graph/values.ts';
import { drawStep, nets, type Problem, problems, scheduled, stepOf } from './problems.ts';

/** The same question without loops, span coordinates or a way back by hand: all N steps in one graph, differentiated as a whole. */
function unrolled({ net, schedule, temperature }: Problem, like: Graph): Graph {
  const given = (name: string): Tensor => like.inputs.find(t => t.name === name)!;
  const set = { images: given('images'), labels: given('labels') };
  const row = (t: Tensor, k: number): Tensor =>
    reshape(slice(t, [k, ...t.shape.slice(1).map(() => 0)], [1, ...t.shape.slice(1)]), t.shape.slice(1));
  const pace = (name: string, k: number): Tensor => {
    const t = given(name);
    if (schedule.eta === 'one') return t;
    const { first, count } = schedule.columns ?? { first: 0, count: t.shape[1] };
    return schedule.eta === 'step' ? row(t, k) : slice(row(t, k), [first], [count!]);
  };
  const seen = (t: Tensor, k: number): Tensor => {
    const { order } = schedule;
    const rest = t.shape.slice(1);
    if (order.kind === 'all') return t;
    if (order.kind === 'random')
      return reshape(matmul(row(given('select'), k), reshape(t, [t.shape[0]!, sizeOf(rest)])), [
        order.batch,
        ...rest,
      ]);
    const part = t.shape[0]! / order.steps;
    return slice(t, [(k % order.steps) * part, ...rest.map(() => 0)], [part, ...rest]);
  };
  let w = unflatten(net, given('weights'));
  for (let k = 0; k < schedule.innerSteps; k++)
    w = innerStep(
      net,
      { images: seen(set.images, k), labels: seen(set.labels, k) },
      w,
      {
        eta: pace('eta', k),
        ...(schedule.decay && { decay: pace('decay', k) }),
      },
      schedule.loss,
    );
  const loss = outerLoss(forward(net, given('x'), w), given('y'), temperature, schedule.loss);
  const wrt = ['images', 'eta', 'labels', ...(schedule.decay ? ['decay'] : [])].map(given);
  return { inputs: like.inputs, outputs: [loss, ...gradient(loss, wrt)] };
}

describe.each(Object.entries(problems))('%s', (_, problem) => {
  const graph = verify(stepOf(problem));
  const values = drawStep(graph, 3, problem.weights);
  const results = evaluate(graph, values);

  // Nets with relu have kinks. None lies within reach of these differences, else the test would be red: then take another seed.
  test.each([
    ['x̃', 'images', 1],
    ['η̃', 'eta', 2],
    ['ỹ', 'labels', 3],
    ['λ', 'decay', 4],
  ] as const)('∂l/∂%s agrees with central differences of the loss', (_, name, output) => {
    const at = graph.inputs.findIndex(t => t.name === name);
    if (at < 0) return expect(graph.outputs[output]).toBeUndefined(); // the steps do not forget
    const random = stream(4, 'images');
    const loss = ([moved]: readonly Float64Array[]): Float64Array[] =>
      evaluate({ ...graph, outputs: graph.outputs.slice(0, 1) }, values.with(at, moved!));
    for (let i = 0; i < 5; i++) {
      const u = draw(random, graph.inputs[at]!.shape);
      const [along] = centralDifference(loss, [values[at]!], [u]);
      const back = inner([results[output]!], [u]);
      expect(Math.abs(along![0]! - back.product) / back.magnitude).toBeLessThan(1e-6);
    }
  });

  test('loss and gradients are those of the unrolled steps, differentiated as one graph', () => {
    const expected = evaluate(unrolled(problem, graph), values);
    results.forEach((values, i) =>
      expect(relativeDistance(values, expected[i]!, 1e-3), stepOutputs[i]).toBeLessThan(1e-11),
    );
  });

  test('the loss is that of the trained weights: training and prediction answer the same question', () => {
    const { net, schedule, temperature } = problem;
    const [x, y_] = values.slice(-2) as [Float64Array, Float64Array];
    const [wN] = evaluate(verify(trainingSteps(net, schedule)), values.slice(0, -2));
    const [logits] = evaluate(prediction(net, 4), [wN!, x]);
    const [z, y] = [input('z', [4, net.classes]), input('y', [4, net.classes])];
    const loss = evaluate({ inputs: [z, y], outputs: [outerLoss(z, y, temperature, schedule.loss)] }, [
      logits!,
      y_,
    ]);
    expectClose([results[0]!], loss, 1e-12);
  });

  test('inputs and outputs have the names and shapes that the step promises', () => {
    const { net, schedule } = problem;
    const { images: m, innerSteps, order, columns } = schedule;
    const images = [m, ...net.imageShape];
    const total = columns?.total ?? layerCount(net);
    const eta = { one: [], step: [innerSteps], layer: [innerSteps, total] }[schedule.eta];
    expect(graph.inputs.map(t => [t.name, t.shape])).toEqual([
      ['weights', [net.weightCount]],
      ['images', images],
      ['labels', [m, 3]],
      ['eta', eta],
      ...(schedule.decay ? [['decay', eta]] : []),
      ...(order.kind === 'random' ? [['select', [innerSteps, order.batch, m]]] : []),
      ['x', [4, ...net.imageShape]],
      ['y', [4, 3]],
    ]);
    expect(graph.outputs.map(t => t.shape)).toEqual([
      [],
      images,
      eta,
      [m, 3],
      ...(schedule.decay ? [eta] : []),
    ]);
  });
});

describe.each(Object.entries(nets))('%s', (_, net) => {
  const lines = (innerSteps: number, change: (graph: Graph) => Graph): number =>
    print(change(distillationStep(net, scheduled(3, innerSteps), 4, 1))).split('\n').length;

  test('the graph does not grow with N, but for a few values that are computed again where too many would be kept', () => {
    for (const change of [(g: Graph): Graph => g, optimise])
      expect(lines(200, change) / lines(10, change)).toBeLessThan(1.05);
  });
});

test('the way forward keeps maps, not all windows of them', () => {
  const graph = stepOf(problems['convnet, N = 3, an η̃ per step, λ']!);
  const stacked = topological(graph.outputs).flatMap(t =>
    t.kind === 'item' ? t.scan.body.outputs.slice(t.scan.init.length) : [],
  );
  const moved = stacked.flatMap(t => (t.kind === 'apply' ? [t, ...t.inputs] : []));
  expect(stacked.some(t => t.kind === 'apply')).toBe(true);
  expect(moved.flatMap(t => (t.kind === 'apply' ? [t.primitive.op as Op] : []))).not.toContain('patches');
});
