import { describe, expect, test } from 'vitest';
import {
  initialisationOf,
  membersOf,
  presets,
  resolveConfig,
  stepsOf,
  temperatureOf,
} from '../../../src/shared/config/index.ts';
import { type ModelName, models } from '../../../src/shared/models/index.ts';
import { usageError } from './usageError.ts';

describe('a config', () => {
  test('has a value for each option that has a default; what has none is derived later', () => {
    const config = resolveConfig({});
    expect(config).toMatchObject({
      dataset: 'mnist',
      models: 'logreg:8',
      innerSteps: 10,
      engine: 'onnx',
      seed: 1,
    });
    expect(config.steps).toBeUndefined();
    expect(config).not.toHaveProperty('dataDir');
    expect(resolveConfig(config)).toEqual(config);
  });

  test.each(Object.entries(presets))('follows from preset %s', (_, preset) => {
    expect(resolveConfig(preset)).toMatchObject(preset);
  });
});

describe('members', () => {
  test.each<[string, ModelName[]]>([
    ['logreg', ['logreg']],
    ['logreg:2,conv:1', ['logreg', 'logreg', 'conv']],
    [' conv , logreg:2 ', ['conv', 'logreg', 'logreg']],
    ['logreg:1,conv:1,logreg:1', ['logreg', 'conv', 'logreg']],
  ])("'%s'", (spec, members) => {
    expect(membersOf(spec)).toEqual(members);
  });

  const form = 'expected architecture:count with a count from 1, found';
  test.each<[string, string]>([
    ['lenet:2', "models: expected one of logreg, conv, found 'lenet'; did you mean"],
    ['logrge', 'did you mean logreg?'],
    ['', "found ''; did you mean"],
    ['logreg:0', `models: ${form} 'logreg:0'; write for instance 'logreg:2,conv:2'`],
    ['logreg:-1', `${form} 'logreg:-1'`],
    ['logreg:1.5', `${form} 'logreg:1.5'`],
    ['logreg:', `${form} 'logreg:'`],
    ['logreg:2:3', `${form} 'logreg:2:3'`],
    ['conv:1,logreg:x', `${form} 'logreg:x'`],
    ['toString', "found 'toString'"],
    ['logreg:1025', 'models: expected at most 1024 members, found 1025; use fewer'],
    ['logreg:9999,conv:9999', 'expected at most 1024 members, found 19998'],
  ])("'%s' is refused", (spec, message) => {
    expect(usageError(() => membersOf(spec))).toContain(message);
  });
});

describe('what follows from options', () => {
  test('outer steps: given, by epochs, or the default', () => {
    expect(stepsOf(resolveConfig({ steps: 7 }), 1000)).toBe(7);
    expect(stepsOf(resolveConfig({ epochs: 2.5, batchSize: 100 }), 1000)).toBe(25);
    expect(stepsOf(resolveConfig({ epochs: 0.001, batchSize: 100 }), 1000)).toBe(1);
    expect(stepsOf(resolveConfig({}), 1000)).toBe(models.logreg.steps);
    expect(stepsOf(resolveConfig({ models: 'logreg:2,conv' }), 1000)).toBe(models.conv.steps);
  });

  test('the temperature: given, or what suits the architecture', () => {
    for (const model of Object.keys(models) as ModelName[]) {
      expect(temperatureOf(resolveConfig({}), model)).toBe(models[model].temperature);
      expect(temperatureOf(resolveConfig({ temperature: 3 }), model)).toBe(3);
    }
  });

  test('the draw of w_0: fixed is one xavier draw', () => {
    expect(initialisationOf(resolveConfig({ init: 'fixed' }))).toEqual({
      kind: 'xavier',
      mu: 0,
      sigma: 0.05,
      fixed: true,
    });
    expect(initialisationOf(resolveConfig({ init: 'normal', mu: 1, sigma: 2 }))).toEqual({
      kind: 'normal',
      mu: 1,
      sigma: 2,
      fixed: false,
    });
  });
});
