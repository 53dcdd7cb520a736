import { describe, expect, test } from 'vitest';
import {
  initialisationOf,
  membersOf,
  presets,
  resolveConfig,
  temperatureOf,
} from '../../../src/shared/config/index.ts';
import { type ModelName, models } from '../../../src/shared/models/index.ts';
import { smallJob } from './jobs.ts';
import { usageError } from './usageError.ts';

describe('a config', () => {
  test('has a value for each option that has a default; what has none is derived later', () => {
    const config = resolveConfig({});
    expect(config).toMatchObject({
      dataset: 'mnist',
      models: 'logreg:8',
      innerSteps: 10,
      engine: 'auto',
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

describe('native TensorFlow', () => {
  const native = { engine: 'tfjs', tfjsBackend: 'tensorflow' } as const;

  test('computes in processes where no transport was asked for', () => {
    const config = resolveConfig(native);
    expect(config.transport).toBe('cluster');
    expect(resolveConfig(config)).toEqual(config);
    for (const transport of ['cluster', 'nats', 'inline'] as const)
      expect(resolveConfig({ ...native, transport }).transport).toBe(transport);
  });

  test('is refused in threads; other backends and engines are not', () => {
    const transport = 'threads';
    const refused = usageError(() => resolveConfig({ ...native, transport }));
    expect(refused).toMatch(/^transport: expected processes: .*, found threads; use the transport cluster, /);
    for (const options of [{ tfjsBackend: 'tensorflow' }, { engine: 'tfjs' }, {}] as const)
      expect(resolveConfig(options).transport).toBe(transport);
  });
});

describe('members', () => {
  test.each<[string, string[]]>([
    ['logreg', ['logreg']],
    ['logreg:2,conv:1', ['logreg', 'logreg', 'conv']],
    [' conv , logreg:2 ', ['conv', 'logreg', 'logreg']],
    ['logreg:1,conv:1,logreg:1', ['logreg', 'conv', 'logreg']],
    ['nets/mine.json:2,logreg', ['nets/mine.json', 'nets/mine.json', 'logreg']],
    ['C:\\nets\\mine:1,mine.json', ['C:\\nets\\mine', 'mine.json']],
  ])("'%s'", (spec, members) => {
    expect(membersOf(spec)).toEqual(members);
  });

  const form = 'expected architecture:count with a count from 1, found';
  test.each<[string, string]>([
    ['alexnet:2', "models: expected one of logreg, conv, mlp, lenet, convnet, found 'alexnet'; did you mean"],
    ['logrge', 'did you mean logreg?'],
    ['', "found ''; did you mean"],
    ['logreg:0', `models: ${form} 'logreg:0'; write for instance 'logreg:2,conv:2'`],
    ['logreg:-1', `${form} 'logreg:-1'`],
    ['logreg:1.5', `${form} 'logreg:1.5'`],
    ['logreg:', `${form} 'logreg:'`],
    ['logreg:2:3', `${form} 'logreg:2:3'`],
    ['conv:1,logreg:x', `${form} 'logreg:x'`],
    ['toString', "found 'toString'"],
    ['log\nreg', "found 'log reg'; did you mean logreg?"],
    ['logreg:1025', 'models: expected at most 1024 members, found 1025; use fewer'],
    ['logreg:9999,conv:9999', 'expected at most 1024 members, found 19998'],
  ])("'%s' is refused", (spec, message) => {
    expect(usageError(() => membersOf(spec))).toContain(message);
  });
});

describe('what follows from options', () => {
  test('the temperature: given, or what suits the architecture', () => {
    for (const model of Object.keys(models) as ModelName[]) {
      expect(temperatureOf(smallJob({ models: model }), model)).toBe(models[model].temperature);
      expect(temperatureOf(smallJob({ models: model, temperature: 3 }), model)).toBe(3);
      expect(temperatureOf(smallJob({ models: model, loss: 'squared' }), model)).toBe(1);
    }
  });

  test('the draw of w_0: fixed is one xavier draw', () => {
    expect(initialisationOf(resolveConfig({ init: 'fixed' }))).toEqual({
      kind: 'xavier',
      mu: 0,
      sigma: 0.05,
      fixed: true,
      file: undefined,
    });
    expect(initialisationOf(resolveConfig({ init: 'normal', mu: 1, sigma: 2 }))).toEqual({
      kind: 'normal',
      mu: 1,
      sigma: 2,
      fixed: false,
      file: undefined,
    });
  });

  test('trained networks from a file are drawn by nobody', () => {
    expect(initialisationOf(resolveConfig({ init: 'pretrained:a b/c:d.safetensors' }))).toMatchObject({
      file: 'a b/c:d.safetensors',
      fixed: false,
    });
  });
});
