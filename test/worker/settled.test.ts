import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasSettled } from '../../src/worker/settled.ts';

describe('training has settled', () => {
  test.each<[string, readonly number[], boolean]>([
    ['before there is a window', [], false],
    ['after one window: nothing to compare', [2.3], false],
    ['after two windows, the second lower: all of the fall is in the last window', [2.3, 2.2], false],
    ['where the loss did not move at all', [2.3, 2.3], true],
    ['where it rose at once', [2.3, 2.4], true],
    ['while it falls', [2.3, 1, 0.8, 0.7], false],
    ['where the last fall is exactly a thousandth of the whole', [1000, 1, 0], true],
    ['where it is a little more', [999, 1, 0 - 1e-9], false],
    ['where it is less', [2, 1, 0.9995], true],
    ['where it rose', [2, 1, 1.01], true],
    ['even though it fell far before', [2, 1, 0.5, 0.5], true],
    ['only by the last two windows: a halt before them is over', [2, 1.5, 1.5, 1.2], false],
    ['while it falls below zero, as with labels of no least value', [1, -5, -20], false],
    ['where it has stopped below zero', [1, -20, -20.001], true],
    ['where it rose above the first one and goes on rising', [1, 2, 3], true],
    ['but not where it rose above the first one and falls again', [1, 3, 2], false],
    ['not even by little: there was no fall so far to measure it by', [1, 3, 2.9999], false],
  ])('%s', (_, losses, settled) => {
    expect(hasSettled(losses)).toBe(settled);
  });

  test('or not, in any unit and from any least value', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 2, maxLength: 6 }),
        fc.constantFrom(0.25, 2, 64),
        fc.integer({ min: -100, max: 100 }),
        (losses, unit, least) => {
          expect(hasSettled(losses.map(l => unit * (l + least)))).toBe(hasSettled(losses));
        },
      ),
    ));
});
