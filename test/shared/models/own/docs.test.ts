import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { models } from '../../../../src/shared/models/index.ts';
import { kerasLayers } from '../../../../src/shared/models/own/keras/layers.ts';
import { refusals } from '../../../../src/shared/models/own/keras/refused.ts';
import { layerOptions } from '../../../../src/shared/models/own/layerSpecs.ts';
import { parsed } from './writing.ts';

const page = readFileSync(new URL('../../../../docs/models.md', import.meta.url), 'utf8');
const [named, lists, keras] = page.split(/^##.*(?:of your own|of Keras).*$/m) as [string, string, string];

/** The names in backquotes in the first cells of a table's rows. */
const firstCells = (text: string): string[] =>
  [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );

describe('docs/models.md lists', () => {
  test('every model by its name', () => {
    expect(firstCells(named).sort()).toEqual(Object.keys(models).sort());
  });

  test('every layer', () => {
    expect(firstCells(lists).sort()).toEqual(Object.keys(layerOptions).sort());
  });

  test.each(Object.entries(layerOptions))(
    'every option of %s, and whether it may be left out',
    (name, schema) => {
      const row = lists.split('\n').find(line => firstCells(line).includes(name))!;
      const cell = row.split(' | ')[1]!;
      const options = [...cell.matchAll(/`(\w+)`( \([^)]*\))?/g)].map(([, option, note = '']) => [
        option,
        note !== '' && !note.startsWith(' (number'),
      ]);
      const expected = Object.entries(schema.shape).map(([option, type]) => [
        option,
        type.type === 'optional',
      ]);
      expect(options).toEqual(expected);
    },
  );

  test('every class of Keras that is read or refused', () => {
    const refused = refusals.flatMap(({ classes }) => classes.split(' '));
    expect(
      firstCells(keras)
        .filter(name => /^[A-Z]/.test(name))
        .sort(),
    ).toEqual([...Object.keys(kerasLayers), ...refused].sort());
  });

  test('an example that can be read', () => {
    const [example] = /\{"name": "small".*?\]\}/s.exec(lists)!;
    expect(parsed(JSON.parse(example!)).layers).toHaveLength(5);
  });
});
