import { expect, test } from 'vitest';
import { comparisonText } from '../../src/cli/comparison.ts';
import type { Comparison, Row, Table } from '../../src/evaluation/index.ts';

const over = (mean: number, std: number, nets = 20) => ({ mean, std, nets });
const row = (name: Row['name'], mean: number, std: number, nets = 20): Row => ({
  name,
  accuracy: over(mean, std, nets),
  perClass: [],
});
const table = (protocol: Table['protocol'], gain: number): Table => ({
  architecture: 'logreg',
  protocol,
  overRandom: gain,
  rows: [
    row('distilled', 0.9249, 0.0012),
    { ...row('random', 0.35, 0.047), ...(protocol === 'schedule' && { pace: 0.1 }) },
    { ...row('class-means', 1, 0), ...(protocol === 'schedule' && { pace: 'shipped' }) },
    row('full', 0.922, 0.001, 3),
  ],
});
const comparison: Comparison = {
  dataset: 'mnist',
  classNames: ['a', 'b'],
  images: 10,
  innerSteps: 10,
  validation: 5000,
  test: 10_000,
  randomDraws: 10,
  tables: [table('schedule', 0.5749), table('converged', -0.01)],
  neighbours: [
    { name: 'random', accuracy: over(0.413, 0.05, 10), perClass: [] },
    { name: 'class-means', accuracy: over(0.82, 0, 1), perClass: [] },
  ],
  notes: ['k-means: left out'],
};
/** Without colours, which depend on where the tests run. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

test('the gain first, then a table, then what was chosen on what', () => {
  expect(plain(comparisonText(comparison))).toBe(`10 distilled images of mnist
  +57.5 points against random real images   logreg, schedule
   −1.0 points against random real images   logreg, converged

logreg, 20 networks                   schedule        converged
  distilled images                    92.5 ± 0.1 %    92.5 ± 0.1 %
  random real images                  35.0 ± 4.7 %    35.0 ± 4.7 %
  class means                        100.0 ± 0.0 %   100.0 ± 0.0 %
  full data set, 3 networks           92.2 ± 0.1 %    92.2 ± 0.1 %
  step sizes, schedule: random real images 0.1 · class means as shipped

nearest neighbour, no network
  random real images, 10 draws        41.3 ± 5.0 %
  class means                         82.0 %

k-means: left out
Step sizes and the best draw were chosen on 5000 held-out training images; the 10000 test images were read once, at the end.
`);
});

test('one network: no deviation', () => {
  const [first] = comparison.tables;
  const rows = first!.rows.slice(0, 1).map(r => ({ ...r, accuracy: over(0.9, 0, 1) }));
  const { overRandom: _, ...alone } = { ...first!, rows };
  const text = plain(
    comparisonText({ ...comparison, validation: 0, tables: [alone], neighbours: [], notes: [] }),
  );
  expect(text).toBe(`10 distilled images of mnist

logreg, 1 network                     schedule
  distilled images                    90.0 %

Nothing was chosen here; the 10000 test images were read once, at the end.
`);
});

test('an attack: before and after', () => {
  const figures = (share: number) => ({
    from: over(1 - share, 0.01),
    rest: over(0.9, 0.01),
    taken: over(share, 0.01),
  });
  const attacked = {
    ...comparison,
    attack: { from: '3', to: '5' },
    validation: 0,
    tables: [{ ...table('schedule', 0), attack: { before: figures(0.01), after: figures(0.8) } }],
    notes: ['a set with an attack has no baselines'],
  };
  expect(plain(comparisonText(attacked))).toBe(`10 distilled images of mnist that are to make 3 pass for 5

logreg, schedule, 20 networks           before          after
  3 taken for 5                          1.0 ± 1.0 %    80.0 ± 1.0 %
  3 taken for 3                         99.0 ± 1.0 %    20.0 ± 1.0 %
  all others taken for what they are    90.0 ± 1.0 %    90.0 ± 1.0 %

a set with an attack has no baselines
Nothing was chosen here; the 10000 test images were read once, at the end.
`);
});
