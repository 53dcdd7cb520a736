import { describe, expect, test } from 'vitest';
import { distillationStep } from '../../../src/shared/distillation/index.ts';
import {
  type Apply,
  evaluate,
  type Graph,
  gradient,
  input,
  matmul,
  mul,
  type Op,
  optimise,
  pad,
  patches,
  reshape,
  sum,
  sumAll,
  type Tensor,
  tanh,
  topological,
  verify,
  vjp,
} from '../../../src/shared/graph/index.ts';
import { buildNet, models } from '../../../src/shared/models/index.ts';
import { scheduled } from '../distillation/problems.ts';
import { drawInputs, expectClose } from './values.ts';

/** A convolution of maps (C, H, W, B) with windows that move by `stride`, within `border` pixels of zeros, and g, a cotangent of what it gives. */
interface Convolution {
  readonly channels: number;
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly maps: readonly [number, number];
  readonly border?: readonly [number, number];
  readonly stride?: number;
}

const batch = 2;

function convolution({ channels, filters, kernel, maps, border = [0, 0], stride = 1 }: Convolution) {
  const [x, k] = [
    input('x', [channels, ...maps, batch]),
    input('k', [kernel[0] * kernel[1] * channels, filters]),
  ];
  const around = [0, ...border, 0];
  const windows = patches(pad(x, around, around), { size: kernel, stride: [stride, stride] });
  const [rows, h, w] = windows.shape as [number, number, number];
  const y = matmul(k, reshape(windows, [rows, h * w * batch]), { transposeA: true });
  return { x, k, y, g: input('g', y.shape) };
}

/** The gradient with respect to the maps. */
const first = (c: Convolution): Graph => {
  const { x, k, y, g } = convolution(c);
  return { inputs: [k, g], outputs: vjp([y], [g], [x]) };
};

/** The gradient with respect to the maps of tanh(y)·∂/∂k Σ tanh(y), as a way back through an inner step has it: two products share a fold. */
const second = (c: Convolution): Graph => {
  const { x, k, y } = convolution(c);
  const v = input('v', k.shape);
  const inner = sumAll(mul(v, gradient(sumAll(tanh(y)), [k])[0]!));
  return { inputs: [x, k, v], outputs: gradient(inner, [x]) };
};

/** All folds over windows that overlap, those in loops too. */
const scattering = (outputs: readonly Tensor[]): Apply<'fold'>[] =>
  topological(outputs).flatMap(t => {
    if (t.kind === 'item') return scattering(t.scan.body.outputs);
    if (t.kind !== 'apply' || t.primitive.op !== ('fold' as Op)) return [];
    const { size, stride } = (t as Apply<'fold'>).params;
    return stride[0] < size[0] ? [t as Apply<'fold'>] : [];
  });

/** The optimised graph, after checking that its results are the same. */
function optimised(graph: Graph): Graph {
  const after = verify(optimise(graph));
  const values = drawInputs(graph, 5);
  expectClose(evaluate(after, values), evaluate(graph, values), 1e-11);
  return after;
}

const same = {
  'a kernel of 3×3 in its border': { channels: 8, filters: 8, kernel: [3, 3], maps: [5, 4], border: [1, 1] },
  'more filters than channels': { channels: 8, filters: 20, kernel: [3, 3], maps: [6, 9], border: [1, 1] },
  'more channels than filters': { channels: 32, filters: 8, kernel: [5, 5], maps: [6, 7], border: [2, 2] },
  'a kernel that is not square': { channels: 8, filters: 12, kernel: [3, 5], maps: [7, 5], border: [1, 2] },
  'an even kernel': { channels: 8, filters: 8, kernel: [2, 2], maps: [8, 6], border: [1, 0] },
  'no border, large maps': { channels: 16, filters: 8, kernel: [3, 3], maps: [9, 12] },
  'no border, 5×5': { channels: 32, filters: 4, kernel: [5, 5], maps: [12, 10] },
  'a border larger than the kernel reaches': {
    channels: 8,
    filters: 2,
    kernel: [3, 3],
    maps: [5, 5],
    border: [3, 3],
  },
  'one pixel': { channels: 8, filters: 4, kernel: [1, 1], maps: [5, 4] },
} as const satisfies Record<string, Convolution>;

describe('the gradient of a convolution gathers', () => {
  test.each(Object.entries(same))('%s', (_, c) => {
    expect(scattering(optimised(first(c)).outputs)).toEqual([]);
    expect(scattering(optimised(second(c)).outputs)).toEqual([]);
  });

  test('without computing what a slice takes off', () => {
    const { kernel, filters, channels, maps } = same['more filters than channels'];
    const products = topological(optimised(first(same['more filters than channels'])).outputs).filter(
      t => t.kind === 'apply' && 'transposeA' in t.params && t.inputs[0]!.kind !== 'constant',
    );
    expect(products.map(t => t.shape)).toEqual([[channels, maps[0] * maps[1] * batch]]);
    expect(filters * kernel[0]).not.toBe(channels);
  });

  test('in the distillation step of a convnet', () => {
    const net = buildNet(
      'convnet',
      models.convnet.layers({ kernel: 3, filters: 1, hidden: 1, depth: 3, width: 8 }, 3),
      [8, 8, 1],
    );
    const graph = distillationStep(net, scheduled(3, 2), 4, 1);
    const folds = (g: Graph): number[] => scattering(g.outputs).map(t => t.shape[0]!);
    expect(new Set(folds(graph))).toEqual(new Set([1, 8]));
    expect(new Set(folds(optimise(graph)))).toEqual(new Set([1])); // that of the images, which have one channel
  });
});

describe('the gradient of a convolution scatters', () => {
  test.each<[string, Convolution]>([
    ['windows that move by two', { channels: 8, filters: 8, kernel: [3, 3], maps: [7, 7], stride: 2 }],
    ['one channel', { channels: 1, filters: 8, kernel: [3, 3], maps: [7, 7], border: [1, 1] }],
    ['many filters on few channels', { channels: 3, filters: 32, kernel: [3, 3], maps: [9, 9] }],
    ['far fewer windows than pixels', { channels: 16, filters: 16, kernel: [5, 5], maps: [6, 6] }],
  ])('over %s', (_, c) => {
    expect(scattering(optimised(first(c)).outputs)).toHaveLength(1);
  });

  test('where the wide product is needed anyway', () => {
    const { x, k, y, g } = convolution(same['a kernel of 3×3 in its border']);
    const wide = matmul(k, g);
    const outputs = [...vjp([y], [g], [x]), sum(tanh(wide), [1])];
    expect(scattering(optimised({ inputs: [k, g], outputs: [outputs[0]!] }).outputs)).toHaveLength(0);
    expect(scattering(optimised({ inputs: [k, g], outputs }).outputs)).toHaveLength(1);
  });

  test('what is no product', () => {
    const x = input('x', [8, 6, 6, batch]);
    const pooled = sum(reshape(patches(x, { size: [3, 3], stride: [1, 1] }), [9, 8, 4, 4, batch]), [0]);
    const graph = { inputs: [x], outputs: gradient(sumAll(tanh(pooled)), [x]) };
    expect(scattering(optimised(graph).outputs)).toHaveLength(1);
  });
});
