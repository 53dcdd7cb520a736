import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../../src/shared/artifacts/strictJson.ts';

describe('parseStrictJson', () => {
  test('reads what JSON.stringify writes, however it is indented', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    ));

  test('refuses a name twice in one object, anywhere, also when it is spelled differently', () =>
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (name, a, b) => {
        const escaped = [
          ...JSON.stringify(name)
            .slice(1, -1)
            .matchAll(/\\.[^\\]*|[^\\]/gs),
        ].map(([part]) =>
          part.length === 1 && part !== '"' ? `\\u${part.charCodeAt(0).toString(16).padStart(4, '0')}` : part,
        );
        const text = `[{"x": {${JSON.stringify(name)}: ${JSON.stringify(a)}, "${escaped.join('')}" : ${JSON.stringify(b)}}}]`;
        expect(() => parseStrictJson(text)).toThrow('occurs twice');
      }),
    ));

  test('the same name in two objects, and as a value, is no double', () => {
    const text = '{"a": {"a": ["a", "a", {"a": "}"}, {"a": ":"}]}, "b": "a"}';
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });
});
