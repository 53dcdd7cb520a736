import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/shared/config/index.ts';
import { usageError } from './usageError.ts';

const circle: Record<string, unknown> = {};
circle.self = circle;

describe('a wrong option is named in one line, with what was found and what to do', () => {
  test.each<[string, unknown, string]>([
    ['an unknown option', { inerSteps: 5 }, ', such as innerSteps, '],
    ['an unknown option, the nearest', { inerSteps: 5 }, "found 'inerSteps'; did you mean innerSteps?"],
    [
      'a data set of no name',
      { dataset: '' },
      'dataset: expected a value of at least 1, found ""; see --help',
    ],
    [
      'a size of no kind',
      { imageSize: '28*28' },
      'imageSize: expected a size such as 28 or 28x20, found "28*28"; see --help',
    ],
    [
      'a number of channels that is none',
      { channels: 2 },
      "channels: expected one of 1, 3, found '2'; did you mean 1?",
    ],
    ['a white of no kind', { pixelMax: 'white' }, "pixelMax: expected a positive number or 'auto', found"],
    [
      'a share above all',
      { testShare: 1 },
      'testShare: expected a value of at most 0.9, found 1; see --help',
    ],
    [
      'an unknown choice',
      { optimizer: 'adm' },
      "optimizer: expected one of adam, sgd, found 'adm'; did you mean adam?",
    ],
    [
      'too small',
      { innerSteps: 0 },
      'innerSteps: expected a value of at least 1, found 0; see --help for the range and default',
    ],
    ['not above', { lr: 0 }, 'lr: expected a value above 0, found 0; see --help'],
    [
      'too large',
      { batchSize: 65_537 },
      'batchSize: expected a value of at most 65536, found 65537; see --help',
    ],
    ['a fraction', { steps: 1.5 }, 'steps: expected a whole number, found 1.5; see --help'],
    ['words for a number', { innerSteps: 'ten' }, 'innerSteps: expected a number, found "ten"; see --help'],
    ['a number for words', { models: 3 }, 'models: expected a string, found 3; see --help'],
    [
      'a word for yes or no',
      { etaPerStep: 'yes' },
      'etaPerStep: expected a boolean, found "yes"; see --help',
    ],
    ['a BigInt', { seed: 5n }, 'seed: expected a number, found 5; see --help'],
    ['a circle', { seed: circle }, 'seed: expected a number, found object that can’t be shown; see --help'],
    ['null', { seed: null }, 'seed: expected a number, found null; see --help'],
    [
      'a temperature of no kind',
      { temperature: 'hot' },
      `temperature: expected a positive number or 'auto', found "hot"; see --help`,
    ],
    [
      'a temperature below 0',
      { temperature: -1 },
      'temperature: expected a value above 0, found -1; see --help',
    ],
    ['no number', { lr: Number.NaN }, 'lr: expected a number, found NaN; see --help'],
    ['a list of options', [1, 2], 'options: expected an object of options, found [1,2]; see --help'],
    ['nothing at all', null, 'options: expected an object of options, found null; see --help'],
    [
      'steps and epochs',
      { steps: 5, epochs: 1 },
      'epochs: expected steps or epochs, found both; give one of them',
    ],
    [
      'a mini-batch where there is none',
      { innerBatch: 5 },
      "innerBatch: expected order 'random', whose mini-batches have that size, found 'all'; leave innerBatch out, or change the order",
    ],
    [
      'a mini-batch of steps that have images of their own',
      { innerBatch: 5, order: 'steps' },
      "found 'steps'; leave innerBatch out",
    ],
    [
      'an unknown order',
      { order: 'al' },
      "order: expected one of all, steps, random, found 'al'; did you mean all?",
    ],
    [
      'half an attack',
      { attackFrom: '1' },
      'attackFrom: expected two different classes, attackFrom and attackTo, found 1 and none; give both, or none',
    ],
    [
      'the other half',
      { attackTo: '1' },
      'attackFrom: expected two different classes, attackFrom and attackTo, found none and 1',
    ],
    ['a class for itself', { attackFrom: '1', attackTo: '1' }, 'found 1 and 1; give both'],
    [
      'an unknown draw',
      { init: 'xaveir' },
      "init: expected one of normal, truncated-normal, xavier, he, orthogonal, fixed, pretrained:FILE, found 'xaveir'; did you mean xavier?",
    ],
    [
      'trained networks without a file',
      { init: 'pretrained:' },
      "found 'pretrained:'; did you mean pretrained:FILE?",
    ],
    ['a draw of no kind', { init: 7 }, 'init: expected'],
    [
      'a clamp upside down',
      { etaMin: 2, etaMax: 1 },
      'etaMin: expected a lower clamp of at most etaMax = 1, found 2; lower etaMin or raise etaMax',
    ],
    [
      'a start outside the clamp',
      { eta: 3 },
      'eta: expected a start within the clamp [0.00001, 1], found 3; change eta, etaMin or etaMax',
    ],
  ])('%s', (_, options, message) => {
    expect(usageError(() => resolveConfig(options))).toContain(message);
  });

  test('by the name under which it was given', () => {
    const where = (option: string): string => `run.json, ${option}`;
    expect(usageError(() => resolveConfig({ lr: -1 }, where))).toMatch(/^run\.json, lr: /);
    expect(usageError(() => resolveConfig({ models: 'alexnet' }, where))).toMatch(/^run\.json, models: /);
    expect(usageError(() => resolveConfig({ nets: 1 }, where))).toMatch(/^run\.json, nets: /);
  });

  test('whatever is given, it is resolved or refused in one line', () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.constantFrom(...Object.keys(resolveConfig({}))), fc.string()),
          fc.anything({ withBigInt: true, withTypedArray: true, withDate: true, withMap: true }),
        ),
        options => {
          try {
            resolveConfig(options);
          } catch (error) {
            usageError(() => {
              throw error;
            });
          }
        },
      ),
      { numRuns: 500 },
    ));
});
