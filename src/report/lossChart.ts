/** @file The course of a run as one picture: an SVG of loss, η̃ and validation accuracy over the outer steps. In: points; out: text that is a
 *  file of its own, the same for the same points. Weak spot: loading the plotting library takes most of a second, so it is loaded at first use. */
import { etaPanel } from './etaPanel.ts';
import { accuracyPanel, type ChartPoint, lossPanel, marginBottom, marginTop } from './panels.ts';
import { asGroup, emptySvg, setAll, shortenNumbers, svgElement } from './svg.ts';

export type { ChartPoint } from './panels.ts';

/** What a chart shows. */
export interface ChartInput {
  /** In order of step. */
  readonly points: readonly ChartPoint[];
  /** One line of text. */
  readonly title: string;
}

const width = 720;
const [titleHeight, axisHeight] = [36, 44];
const [marginLeft, marginRight] = [56, 52];
const font = {
  'font-family': 'system-ui, sans-serif',
  'font-size': 11,
  'text-anchor': 'middle',
  fill: '#222222',
};

/** The chart as SVG on white, 720 wide, its panels one under the other on one x axis: loss in nats (logarithmic when it spans more than a factor
 *  of 20), η̃, and accuracy where measured. Of many points at most 1,000 are drawn per curve; the smoothed loss is computed from all. A loss
 *  that is not finite, or beyond 1e100, becomes a red line at its step. No points at all give a chart that says so.    Cost: 0.1 s, at first use 1 s. */
export async function lossChart({ points, title }: ChartInput): Promise<string> {
  const [plot, { DOMParser }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  const document = new DOMParser().parseFromString(emptySvg, 'image/svg+xml') as unknown as Document; // linkedom's own type, a subset of the DOM's
  const root = document.documentElement;
  const accuracy = accuracyPanel(plot, points);
  const panels = [lossPanel(plot, points), etaPanel(plot, points), ...(accuracy ? [accuracy] : [])];
  const common = { document, className: 'chart', width, marginTop, marginLeft, marginRight };
  let top = titleHeight;
  for (const panel of panels) {
    const lowest = panel === panels.at(-1);
    const room = lowest ? axisHeight : marginBottom;
    const height = panel.height - marginBottom + room;
    const x = stepScale(points, lowest);
    root.append(asGroup(document, plot.plot({ ...panel, ...common, height, marginBottom: room, x }), top));
    top += height;
  }
  const heading = { x: width / 2, 'font-size': 14 };
  root.append(svgElement(document, 'text', { ...heading, y: 22 }, title));
  if (points.length === 0) root.append(svgElement(document, 'text', { ...heading, y: 150 }, 'no steps yet'));
  root.prepend(svgElement(document, 'rect', { width, height: top, fill: '#ffffff' }));
  setAll(root, { width, height: top, viewBox: `0 0 ${width} ${top}`, ...font });
  shortenNumbers(root);
  return `${root.outerHTML}\n`;
}

/** The scale that all panels share: whole steps; only the lowest panel names them. */
function stepScale(points: readonly ChartPoint[], named: boolean) {
  const [from, to] = [points.at(0)?.step ?? 0, points.at(-1)?.step ?? 0];
  const domain = from < to ? [from, to] : [from - 1, from + 1];
  const ticks = to - from < 8 ? Array.from({ length: to - from + 1 }, (_, i) => from + i) : 8;
  const common = { domain, ticks, labelArrow: 'none', labelAnchor: 'center' } as const;
  return named
    ? { ...common, label: 'outer step', tickFormat: inThousands }
    : { ...common, label: null, tickFormat: () => '' };
}

const inThousands = (step: number): string => step.toLocaleString('en-US');
