import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { glyphHeight, inkOf, printable, shorten, widthOf } from '../../src/report/font.ts';

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));

describe('the font', () => {
  test('every printable character but the blank has ink within its box, and no two look the same', () => {
    const seen = new Map(ascii.map(character => [JSON.stringify([...inkOf(character)]), character]));
    expect([...seen.values()]).toEqual(ascii);
    for (const character of ascii)
      for (const [x, y] of inkOf(character)) {
        expect(x >= 0 && x < widthOf(character)).toBe(true);
        expect(y >= 0 && y < glyphHeight).toBe(true);
      }
    expect(ascii.filter(character => [...inkOf(character)].length === 0)).toEqual([' ']);
  });

  test('a text is its parts, one beside the other, with a column between them', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const start = widthOf(a) + 1;
        expect(widthOf(a + b)).toBe(start + widthOf(b));
        const moved = [...inkOf(b)].map(([x, y]) => [x + start, y]);
        expect([...inkOf(a + b)]).toEqual([...inkOf(a), ...moved]);
      }),
    ));

  test('any text becomes printable: accents are dropped, the rest are question marks', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => /^[ -~]*$/.test(printable(text))));
    expect(printable('Größe, éà 猫')).toBe('Gro?e, ea ?');
  });

  test('a shortened text fits, and one that fits is left alone', () =>
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 3, max: 100 }), (text, width) => {
        expect(widthOf(shorten(text, width))).toBeLessThanOrEqual(width);
        if (widthOf(text) <= width) expect(shorten(text, width)).toBe(text);
      }),
    ));
});
