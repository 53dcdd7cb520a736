import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OwnModel, parseModel } from '../../../../src/shared/models/own/index.ts';
import { ownLayer } from '../../../../src/shared/models/own/layerSpecs.ts';
import { fixtures, fixtureText, refusal } from './writing.ts';

type Container = Record<string, unknown>;

/** Every list and object of a value; a list is an object of its indices here. */
const containers = (value: unknown): Container[] =>
  typeof value === 'object' && value !== null
    ? [value as Container, ...Object.values(value).flatMap(containers)]
    : [];

/** Names that mean something somewhere. */
const names = fc.constantFrom(
  ...'__proto__ constructor toString layer layers class_name config items name axis units activation module'.split(
    ' ',
  ),
  ...'node modelTopology model_config inbound_nodes batch_shape build_config input_layers trainable'.split(
    ' ',
  ),
);
const value = fc.oneof(
  fc.jsonValue(),
  names,
  fc.constantFrom(
    null,
    -1,
    0,
    1,
    1.5,
    1e9,
    true,
    '',
    [],
    {},
    [3],
    'classes',
    'Lambda',
    'Sequential',
    'softmax',
  ),
);
const change = fc.record({
  kind: fc.constantFrom('set', 'add', 'remove', 'copy'),
  place: fc.oneof(fc.nat(12), fc.nat()), // the first are the outer ones, which matter most
  key: fc.nat(),
  name: names,
  value,
});
type Change = ReturnType<typeof change.generate>['value'];

/** Changes one entry of one list or object, both chosen by number. The value is copied: one that is put into itself by the next change would be endless. */
function apply(json: unknown, { kind, place, key, name, value: given }: Change): void {
  const value = structuredClone(given);
  const all = containers(json);
  const container = all[place % all.length]!;
  const keys = Object.keys(container);
  const entry = keys[key % Math.max(1, keys.length)];
  const put = (into: string, what: unknown): void => {
    Object.defineProperty(container, into, {
      value: what,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  };
  if (kind === 'add' && !Array.isArray(container)) put(name, value);
  else if (entry === undefined) return;
  else if (kind === 'remove' && Array.isArray(container)) container.splice(Number(entry), 1);
  else if (kind === 'remove') delete container[entry];
  else if (kind === 'copy') put(entry, structuredClone(all[key % all.length]));
  else put(entry, value);
}

/** Reads a text; whatever comes out is a model of checked layers, or one refusal of one line. */
function expectModelOrRefusal(text: string): void {
  let model: OwnModel | undefined;
  try {
    model = parseModel(text, 'mine.json');
  } catch (error) {
    refusal(() => {
      throw error;
    });
    return;
  }
  expect(model.layers.length).toBeGreaterThan(0);
  for (const layer of model.layers) expect(ownLayer(layer, 'again')).toEqual(layer);
  expect(model.name).not.toMatch(/\p{C}/u);
}

describe.each(fixtures)('%s, whatever is changed in it', fixture => {
  const text = fixtureText(fixture);

  test('as a value, is a model or is refused', () => {
    const [prototypes, lists] = [Object.keys(Object.prototype), Object.keys(Array.prototype)];
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const json: unknown = JSON.parse(text);
        for (const one of changes) apply(json, one);
        expectModelOrRefusal(JSON.stringify(json));
      }),
      { numRuns: 600 },
    );
    expect([Object.keys(Object.prototype), Object.keys(Array.prototype)]).toEqual([prototypes, lists]);
  });

  test('as text, is a model or is refused', () =>
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(9), fc.string({ maxLength: 4 }), (start, length, inserted) => {
        expectModelOrRefusal(text.slice(0, start) + inserted + text.slice(start + length));
      }),
      { numRuns: 200 },
    ));
});
