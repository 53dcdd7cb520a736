import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChartPoint, lossChart } from '../../src/report/index.ts';

const anything = fc.double();
const some = fc.double({ min: 1e-5, max: 10, noNaN: true });

const chart: fc.Arbitrary<ChartPoint[]> = fc.constantFrom(1, 3, 30).chain(etas =>
  fc
    .array(
      fc.record({
        loss: anything,
        eta: fc.oneof(some, fc.array(fc.oneof(some, anything), { maxLength: etas })),
        accuracy: fc.option(anything, { nil: undefined }),
      }),
      { maxLength: 30 },
    )
    .map(points => points.map((point, i) => ({ step: i + 1, ...point }))),
);

/** The names and attributes of all elements; a text that is no well-formed XML fails. */
function elements(svg: string): string[] {
  const open: string[] = [];
  const rest = svg
    .trim()
    .replace(/<(\/?)([\w:]+)((?: [\w:-]+="[^"<]*")*) ?(\/?)>/g, (_, closing, name, _attributes, empty) => {
      if (closing) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
      return '';
    });
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[\p{Cc}\uFFFE\uFFFF]/u);
  expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|apos|#\w+);)/);
  return [...svg.matchAll(/<[\w:]+[^>]*>/g)].map(([element]) => element);
}

/** The numbers of all coordinates. */
const coordinates = (svg: string): string[] =>
  [...svg.matchAll(/ (?:d|transform|cx|cy|x1|x2|y1|y2)="([^"]*)"/g)].flatMap(
    ([, value]) => value!.match(/\d[\d.e+-]*/g) ?? [],
  );

const texts = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*[^/]>([^<]*)</g)].map(([, text]) => text!);

describe('lossChart', () => {
  test('whatever the numbers, it is well-formed, opens on its own, has short numbers within the picture wherever one belongs, and is the same each time', () =>
    fc.assert(
      fc.asyncProperty(chart, fc.string({ unit: 'binary' }), async (points, title) => {
        const svg = await lossChart({ points, title });
        expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
        expect(elements(svg).filter(element => /NaN|Infinity|undefined/.test(element))).toEqual([]);
        expect(coordinates(svg).filter(n => Number(n) > 1_000 || !/^\d+(\.\d{1,2})?$/.test(n))).toEqual([]);
        expect(await lossChart({ points, title })).toBe(svg);
      }),
      { numRuns: 60 },
    ));

  test('a panel for the accuracy is there when it was measured; axes have names and units', async () => {
    const points = Array.from({ length: 100 }, (_, i) => ({ step: i, loss: 2 / (i + 1), eta: 0.02 }));
    const without = texts(await lossChart({ points, title: 'a <b> & "c"' }));
    expect(without).toEqual(
      expect.arrayContaining(['a &lt;b&gt; &amp; "c"', 'loss (nats)', 'η̃', 'outer step']),
    );
    expect(without).not.toContain('validation accuracy (%)');
    const measured = points.map(point => ({ ...point, ...(point.step % 10 === 0 && { accuracy: 0.9 }) }));
    expect(texts(await lossChart({ points: measured, title: '' }))).toContain('validation accuracy (%)');
    expect(texts(await lossChart({ points: [], title: '' }))).toContain('no steps yet');
    expect(texts(await lossChart({ points: [{ step: 1, loss: Number.NaN, eta: 1 }], title: '' }))).toContain(
      'loss (nats), red: not finite',
    );
  });

  test('each of up to 20 step sizes has a line and a label, more of them three', async () => {
    const names = async (count: number) => {
      const points = [1, 2].map(step => ({
        step,
        loss: 1,
        eta: Array.from({ length: count }, (_, k) => (k + 1) / 1000),
      }));
      return texts(await lossChart({ points, title: '' }));
    };
    expect(await names(20)).toEqual(expect.arrayContaining(Array.from({ length: 20 }, (_, k) => `${k}`)));
    const many = await names(21);
    expect(many).toEqual(expect.arrayContaining(['all 21 η̃', 'min', 'median', 'max']));
    expect(many).not.toContain('20');
  });

  test('a long run is thinned: at most 1,000 points, a file of bounded size', async () => {
    const points = Array.from({ length: 50_000 }, (_, i) => ({ step: i, loss: 2 + Math.sin(i), eta: 0.02 }));
    const svg = await lossChart({ points, title: '' });
    expect(elements(svg).filter(element => element.startsWith('<circle')).length).toBe(1_000);
    expect(svg.length).toBeLessThan(150_000);
  });
});
