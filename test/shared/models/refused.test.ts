import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import { buildNet, type LayerSpec, type ModelName, models } from '../../../src/shared/models/index.ts';

const sizes = { kernel: 5, filters: 16, hidden: 128, depth: 3, width: 32 };

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
    [
      'global pooling of features',
      [...flat, { layer: 'globalAveragePool' }],
      'layer 2 (globalAveragePool): expected an input it can take, found global pooling needs maps H×W×C, got 3; ',
    ],
    [
      'a norm of maps on features',
      [...flat, { layer: 'instanceNorm' }],
      'layer 2 (instanceNorm): expected an input it can take, found instanceNorm needs maps H×W×C, got 3; ',
    ],
    [
      'groups of unequal size',
      [{ layer: 'conv', filters: 4, kernel: 1 }, { layer: 'groupNorm', groups: 3 }, ...flat],
      'layer 1 (groupNorm): expected an input it can take, found 4 channels can’t be split into 3 groups; ',
    ],
    [
      'another number of features',
      [{ layer: 'reshape', shape: [4, 4, 4] }, ...flat],
      'layer 0 (reshape): expected an input it can take, found 8×6×1 has 48 numbers, 4×4×4 would have 64; ',
    ],
    [
      'maps without channels',
      [{ layer: 'reshape', shape: [6, 8] }, ...flat],
      'layer 0 (reshape): expected an input it can take, found reshape gives H×W×C or features, got 6×8; ',
    ],
    [
      'maps at the end',
      [{ layer: 'conv', filters: 3, kernel: 8, padding: 'same' }],
      'expected features at its end, one for each class, found maps of 8×6×3; end it with a flatten and a dense layer',
    ],
  ])('says so in one line: %s', (_, specs, message) => {
    const build = (): unknown => buildNet('mine', specs, [8, 6, 1]);
    expect(build).toThrow(DistillError);
    expect(build).toThrow(`model mine${message.startsWith('layer') ? ',' : ':'} ${message}`);
  });

  test.each<[ModelName, number, number, string]>([
    [
      'conv',
      4,
      9,
      'layer 0 (conv): expected an input it can take, found a 5×5 kernel does not fit into maps of 4×9',
    ],
    [
      'conv',
      5,
      9,
      'layer 2 (averagePool): expected an input it can take, found a 2×2 block does not fit into maps of 1×5',
    ],
    [
      'lenet',
      9,
      28,
      'layer 3 (conv): expected an input it can take, found a 5×5 kernel does not fit into maps of 4×14',
    ],
    [
      'lenet',
      11,
      28,
      'layer 5 (maxPool): expected an input it can take, found a 2×2 block does not fit into maps of 1×10',
    ],
    [
      'convnet',
      28,
      7,
      'layer 11 (averagePool): expected an input it can take, found a 2×2 block does not fit into maps of 7×1',
    ],
  ])('%s does not take images of %i×%i', (name, height, width, message) => {
    const build = (): unknown => buildNet(name, models[name].layers(sizes, 3), [height, width, 1]);
    expect(build).toThrow(`model ${name}, ${message}; change the model’s options or use larger images`);
  });

  test('whatever the model and the sizes, it is built or refused in one line', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(models) as ModelName[])),
        fc.record({ kernel: fc.integer({ min: 1, max: 9 }), depth: fc.integer({ min: 1, max: 5 }) }),
        fc.tuple(...[20, 20, 3].map(max => fc.integer({ min: 1, max }))),
        (name, options, shape) => {
          try {
            const net = buildNet(name, models[name].layers({ ...sizes, ...options }, 3), shape);
            expect(net.weightCount).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(DistillError);
            expect((error as DistillError).code).toBe('usage');
            expect((error as DistillError).message).not.toContain('\n');
          }
        },
      ),
      { numRuns: 300 },
    ));
});
