/** @file The panels of the loss chart that show one curve, loss and accuracy, and what all panels share. In: points; out: options for
 *  @observablehq/plot, which is handed in, since its import takes most of a second. */
import type * as Plot from '@observablehq/plot';
import { type Axis, axisOf, logTicks, showTick, smooth, sound, thin } from './series.ts';

/** What one outer step tells. */
export interface ChartPoint {
  /** The outer step. */
  readonly step: number;
  /** In nats; not finite (or beyond 1e100, which is as bad) where the run went wrong. */
  readonly loss: number;
  /** η̃, one, or one per inner step. */
  readonly eta: number | readonly number[];
  /** On validation images, a fraction of 1; measured now and then. */
  readonly accuracy?: number | undefined;
}

export type Library = typeof Plot;
export type Panel = Plot.PlotOptions & { readonly height: number };

/** Room above and below a panel's axes, in pixels; the label stands above. */
export const [marginTop, marginBottom] = [30, 8];

/** Points of a cloud and corners of a line at most: more than there are pixels across. */
export const mostPoints = 1_000;

const colours = { loss: '#1f5fa8', accuracy: '#2f7d4f', wrong: '#c2183c' };

/** Loss: the raw points faint, their smoothed course strong, red where it was not finite. */
export function lossPanel(plot: Library, points: readonly ChartPoint[]): Panel {
  const losses = points.map(point => point.loss);
  const course = smooth(losses).map((loss, i) => ({ step: points[i]!.step, loss }));
  const raw = points.filter(point => sound(point.loss));
  const wrong = points.filter(point => !sound(point.loss));
  const at = { x: 'step', y: 'loss' };
  const axis = axisOf(losses);
  return {
    height: 230,
    y: scaleOf(`loss (nats)${wrong.length > 0 ? ', red: not finite' : ''}`, axis),
    marks: [
      ...axisMarks(plot, axis),
      plot.ruleX(thin(wrong, 100), { x: 'step', stroke: colours.wrong, strokeOpacity: 0.5 }),
      plot.dot(thin(raw, mostPoints), {
        ...at,
        r: raw.length > 60 ? 1.3 : 2.5,
        fill: colours.loss,
        fillOpacity: 0.3,
      }),
      plot.line(thin(course, mostPoints), { ...at, stroke: colours.loss, strokeWidth: 2 }),
    ],
  };
}

/** Accuracy where it was measured; undefined when it never was. */
export function accuracyPanel(plot: Library, points: readonly ChartPoint[]): Panel | undefined {
  const measured = points
    .map(({ step, accuracy = NaN }) => ({ step, percent: 100 * accuracy }))
    .filter(point => sound(point.percent));
  if (measured.length === 0) return undefined;
  const percents = measured.map(point => point.percent);
  const at = { x: 'step', y: 'percent' };
  return {
    height: 140,
    y: scaleOf('validation accuracy (%)', axisOf(percents, 'linear')),
    marks: [
      plot.line(thin(measured, mostPoints), { ...at, stroke: colours.accuracy, strokeWidth: 1.5 }),
      plot.dot(measured.length <= 60 ? measured : [], { ...at, r: 2.5, fill: colours.accuracy }),
    ],
  };
}

/** The vertical scale of a panel, its label above it. */
export function scaleOf(label: string, axis: Axis): Plot.ScaleOptions {
  const ticks = axis.type === 'log' ? logTicks(axis) : 5;
  return { label, type: axis.type, domain: axis.domain, ticks, labelArrow: 'none', grid: true };
}

/** Names for all marks of a logarithmic scale: by itself the library leaves out some of those that it is given. */
export function axisMarks(plot: Library, axis: Axis): Plot.Markish[] {
  return axis.type === 'log' ? [plot.axisY(logTicks(axis), { text: showTick, labelArrow: 'none' })] : [];
}
