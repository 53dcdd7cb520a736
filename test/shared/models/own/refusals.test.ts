import { describe, expect, test } from 'vitest';
import { parseModel } from '../../../../src/shared/models/own/index.ts';
import { refused } from './refusedModels.ts';
import { image, layer, parsed, refusal, sequential } from './writing.ts';

describe('what can’t be read is refused by position, name and class, with the reason', () => {
  test.each(refused)('%s', (_, json, message) => {
    expect(refusal(() => parsed(json))).toBe(message);
  });

  test('in words of its own, but where two are the same mistake', () => {
    const words = refused.map(([, , message]) => message);
    expect(new Set(words).size).toBe(words.length - 1);
  });
});

describe('text that is no model', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  test.each<[string, string, string]>([
    ['no JSON', 'layers:', 'expected a model as JSON, found '],
    [
      'a name twice',
      '{"layers": [], "layers": []}',
      'expected a model as JSON, found the name "layers" occurs twice in one object; ',
    ],
    ['too deep', deep(66), 'expected at most 64 levels of lists and objects, found more; '],
    ['much too deep', deep(500_000), 'expected '],
    ['too long', ' '.repeat(2 ** 20 + 1), 'expected a model of at most 1048576 characters, found 1048577; '],
  ])('%s', (_, text, message) => {
    expect(refusal(() => parseModel(text, 'mine.json'))).toContain(`mine.json: ${message}`);
  });

  test('names from a file come without control characters', () => {
    const name = '\u001b[31mred\u202e\n';
    expect(refusal(() => parsed(sequential(layer('LSTM', { name }))))).toContain(
      "layer 0 '?[31mred??', LSTM",
    );
    expect(parsed(sequential(image(8), layer('Dense', { units: 3 }))).name).toBe('mine');
    const model = { ...sequential(), config: { name, layers: [image(8), layer('Dense', { units: 3 })] } };
    expect(parsed(model).name).toBe('?[31mred??');
  });
});
