import { describe, expect, test } from 'vitest';
import { evaluate, input, verify } from '../../../src/shared/graph/index.ts';
import {
  buildNet,
  flatten,
  type ModelName,
  models,
  multiplications,
  unflatten,
} from '../../../src/shared/models/index.ts';

const sizes = { kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 };
const built = (name: ModelName) => buildNet(name, models[name].layers(sizes, 10), [28, 28, 1]);

describe('the flat vector', () => {
  test('of logreg', () => {
    const net = built('logreg');
    expect(net.weights).toEqual([
      { name: '1.dense.kernel', role: 'kernel', shape: [784, 10], turned: true, offset: 0 },
      { name: '1.dense.bias', role: 'bias', shape: [10], turned: false, offset: 7840 },
    ]);
    expect([net.weightCount, net.classes]).toEqual([7850, 10]);
  });

  test('of conv: kernels (kh, kw, in, out), the features of the 12×12 pooled maps into the hidden layer', () => {
    const net = built('conv');
    expect(net.weights).toEqual([
      { name: '0.conv.kernel', role: 'kernel', shape: [5, 5, 1, 16], turned: false, offset: 0 },
      { name: '0.conv.bias', role: 'bias', shape: [16], turned: false, offset: 400 },
      { name: '4.dense.kernel', role: 'kernel', shape: [2304, 128], turned: true, offset: 416 },
      { name: '4.dense.bias', role: 'bias', shape: [128], turned: false, offset: 295_328 },
      { name: '6.dense.kernel', role: 'kernel', shape: [128, 10], turned: true, offset: 295_456 },
      { name: '6.dense.bias', role: 'bias', shape: [10], turned: false, offset: 296_736 },
    ]);
    expect([net.weightCount, net.classes]).toEqual([296_746, 10]);
  });

  test.each<[ModelName, number, string[]]>([
    ['mlp', 118_282, ['1.dense.kernel', '1.dense.bias', '3.dense.kernel']],
    ['lenet', 61_706, ['0.conv.kernel', '0.conv.bias', '3.conv.kernel']],
    ['convnet', 21_802, ['0.conv.kernel', '1.instanceNorm.scale', '1.instanceNorm.shift']],
  ])('of %s has %i weights, in this order: %s …', (name, count, first) => {
    const net = built(name);
    expect(net.weightCount).toBe(count);
    expect(net.weights.slice(0, 3).map(weight => weight.name)).toEqual(first);
    expect(net.classes).toBe(10);
  });

  test.each(Object.keys(models) as ModelName[])('of %s is taken apart and put together again', name => {
    const net = buildNet(
      name,
      models[name].layers({ ...sizes, kernel: 3, hidden: 4, depth: 2, width: 3 }, 3),
      [12, 13, 2],
    );
    const flat = input('flat', [net.weightCount]);
    const parts = unflatten(net, flat);
    expect(parts.map(t => t.shape)).toEqual(
      net.weights.map(w => (w.turned ? [...w.shape].reverse() : w.shape)),
    );
    const values = Float64Array.from({ length: net.weightCount }, (_, i) => i);
    const graph = verify({ inputs: [flat], outputs: [flatten(net, parts), ...parts] });
    const [whole, ...each] = evaluate(graph, [values]);
    expect(whole).toEqual(values);
    each.forEach((part, i) => expect(part[0]).toBe(net.weights[i]!.offset));
  });
});

describe('multiplications of a forward pass', () => {
  test.each<[ModelName, number]>([
    ['logreg', 784 * 10],
    ['mlp', 784 * 128 + 128 * 128 + 128 * 10],
    ['conv', 24 * 24 * (5 * 5 * 16) + 2304 * 128 + 128 * 10],
    ['lenet', 28 * 28 * (25 * 6) + 10 * 10 * (25 * 6 * 16) + 400 * 120 + 120 * 84 + 84 * 10],
    ['convnet', 28 * 28 * (9 * 32) + (14 * 14 + 7 * 7) * (9 * 32 * 32) + 288 * 10],
  ])('of %s: %i', (name, expected) => {
    expect(multiplications(built(name))).toBe(expected);
  });

  test('of a net of one’s own: strides, borders, windows that are not square, layers without a kernel', () => {
    const net = buildNet(
      'own',
      [
        { layer: 'conv', filters: 3, kernel: [3, 2], stride: 2, padding: 'same', bias: false },
        { layer: 'layerNorm' },
        { layer: 'globalAveragePool' },
        { layer: 'dense', units: 4 },
      ],
      [7, 9, 2],
    );
    expect(multiplications(net)).toBe(4 * 5 * (3 * 2 * 2 * 3) + 3 * 4);
  });
});
