/** @file What a person or a program sees of a run. In: events. Out: a bar on a terminal, a line every few seconds elsewhere, or JSON lines. */
import { Presets, SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { RunEvent } from '../index.ts';
import { showEngine } from '../shared/config/index.ts';

/** Takes events as they come. */
export interface Reporter {
  event(event: RunEvent): void;
  end(): void;
}

/** Where a reporter writes. */
export interface Sink {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => number;
}

export const secondsBetweenLines = 5;

/** One JSON line per event. */
export const jsonReporter = ({ stream }: Sink): Reporter => ({
  event: event => stream.write(`${JSON.stringify(event)}\n`),
  end: () => undefined,
});

export const silent: Reporter = { event: () => undefined, end: () => undefined };

/** A bar on a terminal, else a line every few seconds; notices and validations on lines of their own. */
export const humanReporter = (sink: Sink): Reporter =>
  sink.stream.isTTY ? barReporter(sink) : lineReporter(sink);

function lineReporter({ stream, now }: Sink): Reporter {
  const pace = new Pace(now);
  let lastLine = Number.NEGATIVE_INFINITY;
  return {
    event: event => {
      const line = headline(event);
      if (line !== undefined) stream.write(`${line}\n`);
      pace.take(event);
      if (event.type !== 'step' || now() - lastLine < secondsBetweenLines * 1000) return;
      lastLine = now();
      stream.write(`step ${event.step}/${pace.steps}  ${figures(event, pace)}\n`);
    },
    end: () => undefined,
  };
}

function barReporter({ stream, now }: Sink): Reporter {
  const pace = new Pace(now);
  const bar = new SingleBar(
    {
      stream,
      format: '{bar} {value}/{total}  {figures}',
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false, // signals are cli/signals.ts's
      stopOnComplete: false,
      barsize: 24,
      linewrap: false,
    },
    Presets.rect,
  );
  let open = false;
  const close = (): void => {
    if (open) bar.stop();
    open = false;
  };
  return {
    event: event => {
      const line = headline(event);
      if (line !== undefined) {
        close(); // the bar comes back below the line, with the next step
        stream.write(`${line}\n`);
      }
      pace.take(event);
      if (event.type !== 'step') return;
      const payload = { figures: figures(event, pace) };
      if (open) bar.update(event.step, payload);
      else bar.start(pace.steps, event.step, payload);
      open = true;
    },
    end: close,
  };
}

/** What deserves a line of its own. */
function headline(event: RunEvent): string | undefined {
  if (event.type === 'start')
    return `${counted(event.members)} on ${event.data.name} (${event.data.source}), ${event.steps} steps, ${event.config.transport} × ${event.workers}, engine ${showEngine(event.config)}${event.resumed ? `, resumed at step ${event.resumed.step}` : ''}`;
  if (event.type === 'validation')
    return pc.dim(
      `  step ${event.step}: validation accuracy ${percent(event.accuracy.mean)} ± ${percent(event.accuracy.std)} %`,
    );
  if (event.type === 'testing')
    return `testing the set of step ${event.checkpoint} on ${event.nets} fresh networks …`;
  return event.type === 'notice' ? pc.yellow(event.message) : undefined;
}

const figures = (event: Extract<RunEvent, { type: 'step' }>, pace: Pace): string =>
  [
    `loss ${event.loss.toPrecision(4)}`,
    `η̃ ${range(event.eta)}`,
    pace.perSecond && `${rate(pace.perSecond)} steps/s`,
    pace.secondsLeft && `${duration(pace.secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join('  ');

/** ['logreg', 'logreg', 'conv'] → 'logreg ×2 + conv ×1'. */
const counted = (members: readonly string[]): string =>
  [...new Set(members)].map(name => `${name} ×${members.filter(m => m === name).length}`).join(' + ');

/** One value, or the least and the greatest of several. */
export function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? low.toPrecision(3) : `${low.toPrecision(3)}…${high.toPrecision(3)}`;
}

/** With a decimal where whole numbers would be coarse. */
export const rate = (perSecond: number): string => perSecond.toFixed(perSecond < 10 ? 1 : 0);

export const percent = (share: number): string => (100 * share).toFixed(1);

/** A download under way. */
export const downloading = ({
  file,
  receivedBytes,
  totalBytes,
}: {
  file: string;
  receivedBytes: number;
  totalBytes?: number | undefined;
}): string =>
  `downloading ${file}: ${(receivedBytes / 1e6).toFixed(1)}${totalBytes === undefined ? '' : ` of ${(totalBytes / 1e6).toFixed(1)}`} MB`;

/** Seconds as 42s, 3m05s or 1h02m. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  const pad = (n: number): string => String(n).padStart(2, '0');
  return s < 3600
    ? `${Math.floor(s / 60)}m${pad(s % 60)}s`
    : `${Math.floor(s / 3600)}h${pad(Math.floor((s % 3600) / 60))}m`;
}

/** Steps per second since the first step was done (that one also builds the graph), and what is left at that pace. */
class Pace {
  steps = 0;
  private done = 0;
  private first: { step: number; at: number } | undefined;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  take(event: RunEvent): void {
    if (event.type === 'start') this.steps = event.steps;
    if (event.type !== 'step') return;
    this.done = event.step;
    this.first ??= { step: event.step, at: this.now() };
  }

  /** Undefined until two steps are done. */
  get perSecond(): number | undefined {
    if (this.first === undefined || this.done === this.first.step) return undefined;
    return ((this.done - this.first.step) * 1000) / Math.max(1, this.now() - this.first.at);
  }

  get secondsLeft(): number | undefined {
    return this.perSecond && (this.steps - this.done) / this.perSecond;
  }
}
