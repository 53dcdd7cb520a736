import { describe, expect, test } from 'vitest';
import {
  groups,
  jsonSchema,
  type OptionMeta,
  type OptionName,
  Options,
  resolveConfig,
} from '../../../src/shared/config/index.ts';

const names = Object.keys(Options.shape) as OptionName[];
const schema = jsonSchema() as {
  readonly properties: Readonly<Record<string, OptionMeta & { readonly default?: unknown }>>;
  readonly required?: readonly string[];
  readonly additionalProperties: boolean;
};

describe.each(names)('%s', name => {
  const meta = Options.shape[name].meta() as OptionMeta | undefined;

  test('has a group and a description of one line', () => {
    expect(Object.keys(groups)).toContain(meta?.group);
    expect(meta?.description).toMatch(/^[^\n.]\S.{3,100}[^.]$/);
  });

  test('is in the JSON schema, with its description and default', () => {
    expect(schema.properties[name]).toMatchObject({ ...meta });
    const value = resolveConfig({})[name];
    expect(schema.properties[name]!.default).toEqual(value);
  });
});

describe('the JSON schema', () => {
  test('knows all options and no other, and requires none', () => {
    expect(Object.keys(schema.properties)).toEqual(names);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required ?? []).toEqual([]);
  });

  test('lists each group', () => {
    expect(new Set(Object.values(schema.properties).map(({ group }) => group))).toEqual(
      new Set(Object.keys(groups)),
    );
  });
});
