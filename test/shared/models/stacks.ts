/** @file Random stacks of layers: any on maps, then any on features, in any order that fits; and what one layer of each kind may look like. */
import fc from 'fast-check';
import { buildNet, type LayerSpec } from '../../../src/shared/models/index.ts';

type Kind = LayerSpec['layer'];
const count = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const pair = (max: number): fc.Arbitrary<number | [number, number]> =>
  fc.oneof(count(max), fc.tuple(count(max), count(max)));
const padding = fc.constantFrom('valid' as const, 'same' as const);

/** A layer with some of its options left out. */
const spec = <L extends Kind>(
  layer: L,
  needed: Record<string, fc.Arbitrary<unknown>> = {},
  optional: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<LayerSpec> =>
  fc.record(
    { layer: fc.constant(layer), ...needed, ...optional },
    { requiredKeys: ['layer', ...Object.keys(needed)] as never },
  ) as fc.Arbitrary<LayerSpec>;

const one = (layer: fc.Arbitrary<LayerSpec>): fc.Arbitrary<LayerSpec[]> => layer.map(spec => [spec]);

const norm = { epsilon: fc.constantFrom(1e-5, 1e-3, 0.1), center: fc.boolean(), scale: fc.boolean() };

/** Layers of each kind, with such before them as they can't do without. Total: a new layer does not compile without its row. */
export const kinds: { readonly [L in Kind]: fc.Arbitrary<LayerSpec[]> } = {
  dense: spec('dense', { units: count(4) }, { bias: fc.boolean() }).map(dense => [
    { layer: 'flatten' },
    dense,
  ]),
  conv: one(
    spec('conv', { filters: count(4), kernel: pair(3) }, { stride: pair(3), padding, bias: fc.boolean() }),
  ),
  averagePool: one(spec('averagePool', { size: pair(3) }, { stride: pair(3), padding })),
  maxPool: one(spec('maxPool', { size: pair(3) }, { stride: pair(3), padding })),
  globalAveragePool: one(spec('globalAveragePool')),
  flatten: one(spec('flatten')),
  reshape: fc.tuple(fc.tuple(count(4), count(4), count(4)), count(3)).map(([[h, w, c], length]) => {
    const reshapes = [[h, w, c], [c, h, w], [h * w * c]].map(shape => ({ layer: 'reshape', shape }) as const);
    return [{ layer: 'flatten' }, { layer: 'dense', units: h * w * c }, ...reshapes.slice(0, length)];
  }),
  tanh: one(spec('tanh')),
  relu: one(spec('relu')),
  sigmoid: one(spec('sigmoid')),
  softplus: one(spec('softplus')),
  elu: one(spec('elu', {}, { alpha: fc.constantFrom(0.5, 1, 2) })),
  leakyRelu: one(spec('leakyRelu', {}, { slope: fc.constantFrom(0, 0.1, 0.5) })),
  softmax: one(spec('softmax')),
  layerNorm: one(spec('layerNorm', {}, norm)),
  groupNorm: one(spec('groupNorm', { groups: count(3) }, norm)),
  instanceNorm: one(spec('instanceNorm', {}, norm)),
};

/** An image shape, and layers that fit one after the other, some of one kind among them: what does not fit is left out. They end in features. */
export const stacks = (kind: Kind): fc.Arbitrary<{ specs: LayerSpec[]; shape: number[] }> =>
  fc
    .record({
      shape: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), count(3)),
      before: fc.array(fc.oneof(...Object.values(kinds)), { maxLength: 3 }),
      these: kinds[kind],
      after: fc.array(fc.oneof(...Object.values(kinds)), { maxLength: 3 }),
    })
    .filter(({ these, shape }) => fits(these, shape))
    .map(({ shape, before, these, after }) => {
      const fitting = (some: LayerSpec[], more: LayerSpec[]): LayerSpec[] =>
        fits([...some, ...more], shape) ? [...some, ...more] : some;
      const start = before.reduce(fitting, []);
      const middle = fits([...start, ...these], shape) ? [...start, ...these] : these;
      return { specs: fitting(after.reduce(fitting, middle), [{ layer: 'flatten' }]), shape };
    });

/** Whether a net of these layers can be laid out, whatever its end. */
export function fits(specs: readonly LayerSpec[], shape: readonly number[]): boolean {
  try {
    buildNet('any', [...specs, { layer: 'flatten' }], shape);
    return true;
  } catch {
    return false;
  }
}
