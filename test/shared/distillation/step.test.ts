import { describe, expect, test } from 'vitest';
import { outerLoss, prediction, stepOutputs, trainingSteps } from '../../../src/shared/distillation/index.ts';
import { innerStep } from '../../../src/shared/distillation/inner.ts';
import {
  evaluate,
  type Graph,
  gradient,
  input,
  optimise,
  print,
  reshape,
  slice,
  verify,
} from '../../../src/shared/graph/index.ts';
import { forward, unflatten } from '../../../src/shared/models/index.ts';
import { stream } from '../../../src/shared/random/index.ts';
import { centralDifference } from '../graph/differences.ts';
import { draw, drawInputs, expectClose, inner, relativeDistance } from '../graph/values.ts';
import { nets, type Problem, problems, stepOf, stepRanges } from './problems.ts';

/** The same question without loops, span coordinates or a way back by hand: all N steps in one graph, differentiated as a whole. */
function unrolled({ net, schedule, temperature }: Problem, like: Graph): Graph {
  const [weights, images, labels, eta, x, y] = like.inputs as [Input, Input, Input, Input, Input, Input];
  let w = unflatten(net, weights);
  for (let k = 0; k < schedule.innerSteps; k++) {
    const etaK = schedule.etaPerStep ? reshape(slice(eta, [k], [1]), []) : eta;
    w = innerStep(net, { images, labels }, w, etaK);
  }
  const loss = outerLoss(forward(net, x, w), y, temperature);
  return { inputs: like.inputs, outputs: [loss, ...gradient(loss, [images, eta, labels])] };
}
type Input = ReturnType<typeof input>;

describe.each(Object.entries(problems))('%s', (_, problem) => {
  const graph = verify(stepOf(problem));
  const values = drawInputs(graph, 3, stepRanges);
  const results = evaluate(graph, values);

  test.each([
    ['x̃', 'images', 1],
    ['η̃', 'eta', 2],
    ['ỹ', 'labels', 3],
  ] as const)('∂l/∂%s agrees with central differences of the loss', (_, name, output) => {
    const at = graph.inputs.findIndex(t => t.name === name);
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
    stepOutputs.forEach((name, i) =>
      expect(relativeDistance(results[i]!, expected[i]!, 1e-3), name).toBeLessThan(1e-11),
    );
  });

  test('the loss is that of the trained weights: training and prediction answer the same question', () => {
    const { net, schedule, temperature } = problem;
    const [wN] = evaluate(verify(trainingSteps(net, schedule)), values.slice(0, 4));
    const [logits] = evaluate(prediction(net, 4), [wN!, values[4]!]);
    const [z, y] = [input('z', [4, net.classes]), input('y', [4, net.classes])];
    const loss = evaluate({ inputs: [z, y], outputs: [outerLoss(z, y, temperature)] }, [logits!, values[5]!]);
    expectClose([results[0]!], loss, 1e-12);
  });

  test('inputs and outputs have the names and shapes that the step promises', () => {
    const { net, schedule } = problem;
    const images = [schedule.images, ...net.imageShape];
    const eta = schedule.etaPerStep ? [schedule.innerSteps] : [];
    expect(graph.inputs.map(t => [t.name, t.shape])).toEqual([
      ['weights', [net.weightCount]],
      ['images', images],
      ['labels', [schedule.images, 3]],
      ['eta', eta],
      ['x', [4, ...net.imageShape]],
      ['y', [4, 3]],
    ]);
    expect(graph.outputs.map(t => t.shape)).toEqual([[], images, eta, [schedule.images, 3]]);
  });
});

describe.each(Object.entries(nets))('%s', (_, net) => {
  const lines = (innerSteps: number, change: (graph: Graph) => Graph): number =>
    print(
      change(stepOf({ net, schedule: { images: 3, innerSteps, etaPerStep: true }, temperature: 1 })),
    ).split('\n').length;

  test('the graph does not grow with N', () => {
    expect(lines(200, g => g)).toBe(lines(10, g => g));
    expect(lines(200, optimise)).toBe(lines(10, optimise));
  });
});
