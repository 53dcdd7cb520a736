import { describe, expect, test } from 'vitest';
import {
  changesBetween,
  intervalOf,
  mayChange,
  type OptionName,
  Options,
  resolveConfig,
  showChange,
} from '../../../src/shared/config/index.ts';

const config = resolveConfig({});

describe('a run may go on with another', () => {
  /** Whoever adds an option decides here whether it changes a byte of the distilled set: all others do. */
  const harmless: readonly string[] = [
    ...['dataDir', 'steps', 'onNonfinite', 'evalNets', 'evalLr', 'evalMomentum'],
    ...['workers', 'transport', 'checkpointEvery'],
  ];
  const decided = (Object.keys(Options.shape) as OptionName[]).filter(
    name =>
      Options.shape[name].meta()?.group !== 'execution' ||
      ['engine', 'tfjsBackend'].includes(name) ||
      harmless.includes(name),
  );

  test.each(decided)('%s, or may not', name => {
    expect(mayChange({ name, from: 'a', to: name === 'onNonfinite' ? 'skip' : 'b' })).toBe(
      harmless.includes(name),
    );
  });

  test('onNonfinite only to leave out what would have ended it', () => {
    expect(mayChange({ name: 'onNonfinite', from: 'skip', to: 'stop' })).toBe(false);
  });
});

test('changes are all options that differ, in order, as they are told', () => {
  const other = resolveConfig({ lr: 0.5, dataDir: 'there', models: 'conv' });
  expect(changesBetween(config, config)).toEqual([]);
  expect(changesBetween(config, other).map(showChange)).toEqual([
    'dataDir: none → there',
    'models: logreg:8 → conv',
    'lr: 0.01 → 0.5',
  ]);
});

test('the engine auto is no change: a run that goes on has its own', () => {
  const begun = resolveConfig({ engine: 'tfjs', tfjsBackend: 'cpu' });
  expect(changesBetween(begun, resolveConfig({ engine: 'auto' }))).toEqual([]);
  expect(changesBetween(begun, resolveConfig({ engine: 'tfjs' })).map(showChange)).toEqual([
    'tfjsBackend: cpu → wasm',
  ]);
});

test.each([
  [7, { steps: 7, seconds: Infinity }],
  ['30s', { steps: Infinity, seconds: 30 }],
  ['1.5m', { steps: Infinity, seconds: 90 }],
  ['2h', { steps: Infinity, seconds: 7200 }],
  [0, undefined],
  ['never', undefined],
])('checkpointEvery %s', (every, interval) => {
  expect(intervalOf(resolveConfig({ checkpointEvery: every }).checkpointEvery)).toEqual(interval);
});

test.each(['5', 's', '30 s', '-1s', 'often', '1e3s', 1.5, true])('checkpointEvery %j is refused', every => {
  expect(() => resolveConfig({ checkpointEvery: every })).toThrow(
    /^checkpointEvery: expected a number of steps, a time such as 30s, 5m or 1h, or never, found /,
  );
});
