/** @file The panel of the loss chart that shows η̃, one line or several. In: points; out: options for @observablehq/plot, which is handed in. */
import {
  axisMarks,
  type ChartPoint,
  type Library,
  marginBottom,
  marginTop,
  mostPoints,
  type Panel,
  scaleOf,
} from './panels.ts';
import { type Axis, axisOf, fromAxis, sound, spread, thin, toAxis } from './series.ts';

/** So many lines can be told apart, with a label each; of more, least, median and greatest are shown. */
const mostLines = 20;
const colour = '#b3541e';

/** One line; or one per inner step k, labelled k; or min, median and max. */
export function etaPanel(plot: Library, points: readonly ChartPoint[]): Panel {
  const rows = thin(points, mostPoints).map(({ step, eta }) => ({ step, eta: [eta].flat() }));
  const count = Math.max(0, ...rows.map(row => row.eta.length));
  const summed = count > mostLines;
  const names = summed ? ['min', 'median', 'max'] : Array.from({ length: count }, (_, k) => `${k}`);
  const dots = rows.flatMap(({ step, eta }) =>
    (summed ? quantiles(eta) : eta).map((value, k) => ({ step, value: sound(value) ? value : NaN, k })),
  );
  const axis = axisOf(dots.map(dot => dot.value));
  const height = names.length > 8 ? 250 : 140;
  const at = { x: 'step', y: 'value' };
  const ink = count > 1 ? 'k' : colour;
  return {
    height,
    y: scaleOf(count <= 1 ? 'η̃' : summed ? `all ${count} η̃` : 'each η̃, by its number', axis),
    color: { type: 'linear', scheme: 'plasma', domain: [0, names.length * 1.2] }, // its far end is too pale on white
    marks: [
      ...axisMarks(plot, axis),
      plot.line(dots, { ...at, z: 'k', stroke: ink, strokeWidth: 1.5 }),
      plot.dot(rows.length === 1 ? dots : [], { ...at, fill: ink, r: 2.5 }),
      plot.text(count > 1 ? labels(dots, names, axis, height - marginTop - marginBottom) : [], {
        ...at,
        text: 'name',
        fill: 'k',
        dx: 6,
        textAnchor: 'start',
      }),
    ],
  };
}

interface Dot {
  readonly step: number;
  readonly value: number;
  readonly k: number;
}

/** A label at the end of each line, moved up or down until none covers another; `length` is that of the axis in pixels. */
function labels(dots: readonly Dot[], names: readonly string[], axis: Axis, length: number) {
  const ends = names.flatMap((name, k) => {
    const end = dots.findLast(dot => dot.k === k && sound(dot.value));
    return end === undefined ? [] : [{ ...end, name }];
  });
  const wanted = ends.map(({ value }) => length * toAxis(axis, value));
  const places = spread(wanted, 10, length);
  return ends.map((end, i) => ({ ...end, value: fromAxis(axis, places[i]! / length) }));
}

function quantiles(values: readonly number[]): number[] {
  const sorted = values.filter(sound).sort((a, b) => a - b);
  return [0, 0.5, 1].map(part => sorted[Math.round(part * (sorted.length - 1))] ?? NaN);
}
