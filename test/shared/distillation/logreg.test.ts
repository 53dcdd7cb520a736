import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distillationStep, stepOutputs } from '../../../src/shared/distillation/index.ts';
import { evaluate } from '../../../src/shared/graph/index.ts';
import { buildNet, models } from '../../../src/shared/models/index.ts';
import { drawInputs, relativeDistance } from '../graph/values.ts';
import { logregGradient } from './logreg.ts';
import { rangesOf, scheduled } from './problems.ts';

const count = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const sizes = fc.record({
  imageShape: fc.tuple(count(1, 4), count(1, 3), count(1, 2)),
  classes: count(2, 4),
  images: count(1, 7),
  innerSteps: fc.oneof(count(1, 6), fc.constant(40)),
  eta: fc.constantFrom('one' as const, 'step' as const),
  batch: count(1, 6),
  temperature: fc.constantFrom(1, 3, 20),
});

test('the step gives what the method gives when it is written out for logistic regression', () =>
  fc.assert(
    fc.property(
      sizes,
      fc.nat(),
      ({ imageShape, classes, batch, temperature, images: m, innerSteps, eta: kind }, seed) => {
        const net = buildNet(
          'logreg',
          models.logreg.layers({ kernel: 1, filters: 1, hidden: 1, depth: 1, width: 1 }, classes),
          imageShape,
        );
        const graph = distillationStep(net, scheduled(m, innerSteps, { eta: kind }), batch, temperature);
        const values = drawInputs(graph, seed, rangesOf(graph));
        const [weights, images, labels, eta, x, y] = values as [
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const expected = logregGradient({
          weights,
          images,
          labels,
          eta,
          x,
          y,
          innerSteps,
          classes,
          temperature,
        });
        const actual = evaluate(graph, values);
        for (const name of ['loss', 'dImages', 'dEta', 'dLabels'] as const)
          expect(
            relativeDistance(actual[stepOutputs.indexOf(name)]!, expected[name], 1e-3),
            name,
          ).toBeLessThan(1e-10);
      },
    ),
    { numRuns: 200 },
  ));
