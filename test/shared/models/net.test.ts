import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import { evaluate, input, verify } from '../../../src/shared/graph/index.ts';
import {
  buildNet,
  flatten,
  type LayerSpec,
  type ModelName,
  models,
  unflatten,
} from '../../../src/shared/models/index.ts';

const sizes = { kernel: 5, filters: 16, hidden: 128 };
const built = (name: ModelName) => buildNet(name, models[name].layers(sizes, 10), [28, 28, 1]);

describe('the flat vector', () => {
  test('of logreg', () => {
    const net = built('logreg');
    expect(net.weights).toEqual([
      { name: '1.dense.kernel', shape: [784, 10], offset: 0 },
      { name: '1.dense.bias', shape: [10], offset: 7840 },
    ]);
    expect([net.weightCount, net.classes]).toEqual([7850, 10]);
  });

  test('of conv: kernels (kh, kw, in, out), the features of the 12×12 pooled maps into the hidden layer', () => {
    const net = built('conv');
    expect(net.weights).toEqual([
      { name: '0.conv.kernel', shape: [5, 5, 1, 16], offset: 0 },
      { name: '0.conv.bias', shape: [16], offset: 400 },
      { name: '4.dense.kernel', shape: [2304, 128], offset: 416 },
      { name: '4.dense.bias', shape: [128], offset: 295_328 },
      { name: '6.dense.kernel', shape: [128, 10], offset: 295_456 },
      { name: '6.dense.bias', shape: [10], offset: 296_736 },
    ]);
    expect([net.weightCount, net.classes]).toEqual([296_746, 10]);
  });

  test.each(Object.keys(models) as ModelName[])('of %s is taken apart and put together again', name => {
    const net = buildNet(name, models[name].layers({ kernel: 3, filters: 2, hidden: 4 }, 3), [6, 7, 2]);
    const flat = input('flat', [net.weightCount]);
    const parts = unflatten(net, flat);
    expect(parts.map(t => t.shape)).toEqual(net.weights.map(w => w.shape));
    const values = Float64Array.from({ length: net.weightCount }, (_, i) => i);
    const graph = verify({ inputs: [flat], outputs: [flatten(parts), ...parts] });
    const [whole, ...each] = evaluate(graph, [values]);
    expect(whole).toEqual(values);
    each.forEach((part, i) => expect(part[0]).toBe(net.weights[i]!.offset));
  });
});

describe('a net that can’t be built', () => {
  const flat: LayerSpec[] = [{ layer: 'flatten' }, { layer: 'dense', units: 3 }];
  test.each<[string, LayerSpec[], string]>([
    [
      'a kernel larger than the image',
      [{ layer: 'conv', filters: 2, kernel: 9 }, ...flat],
      'layer 0 (conv): expected an input it can take, found a 9×9 kernel does not fit into maps of 8×6; change the model’s options or use larger images',
    ],
    [
      'a pool larger than the maps',
      [{ layer: 'tanh' }, { layer: 'averagePool', size: 7 }, ...flat],
      'layer 1 (averagePool): expected an input it can take, found a 7×7 block does not fit into maps of 8×6; change the model’s options or use larger images',
    ],
    [
      'dense on maps',
      [{ layer: 'dense', units: 3 }],
      'layer 0 (dense): expected an input it can take, found dense needs flat features, got 8×6×1; put a flatten before it; change the model’s options or use larger images',
    ],
    [
      'a convolution of features',
      [...flat, { layer: 'conv', filters: 1, kernel: 1 }],
      'layer 2 (conv): expected an input it can take, found conv needs maps H×W×C, got 3; change the model’s options or use larger images',
    ],
    [
      'a pool of features',
      [...flat, { layer: 'averagePool', size: 1 }],
      'layer 2 (averagePool): expected an input it can take, found pooling needs maps H×W×C, got 3; change the model’s options or use larger images',
    ],
  ])('says so in one line: %s', (_, specs, message) => {
    const build = (): unknown => buildNet('mine', specs, [8, 6, 1]);
    expect(build).toThrow(DistillError);
    expect(build).toThrow(`model mine, ${message}`);
  });

  test('whatever the sizes, it is built or refused in one line', () =>
    fc.assert(
      fc.property(
        fc.nat(9),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        (kernel, height, width) => {
          try {
            const net = buildNet(
              'conv',
              models.conv.layers({ kernel: kernel + 1, filters: 1, hidden: 2 }, 3),
              [height, width, 1],
            );
            expect(net.weightCount).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(DistillError);
            expect((error as DistillError).code).toBe('usage');
            expect((error as DistillError).message).not.toContain('\n');
          }
        },
      ),
    ));
});
