/** @file metrics.jsonl: one line per step, and the points of the curve in it. In: step events. Out: a file that holds whole lines of the steps so far, also after a kill, and
 *  after a full disk as soon as there is room. Lines are written at once and in place: a few microseconds each, where a stream would lose all that follow a failure. */
import { writeSync } from 'node:fs';
import { type FileHandle, open, readFile, truncate } from 'node:fs/promises';
import type { StepEvent } from '../coordinator/events.ts';
import type { ChartPoint } from './panels.ts';

/** A file of metrics that takes lines. */
export class MetricsFile {
  private unwritten: Uint8Array = new Uint8Array();
  private failure: unknown;

  private constructor(private readonly file: FileHandle) {}

  /** Opens the file `path`: anew, or to go on after `step` steps, and then cut back to that step. @returns also the points up to there. */
  static async open(path: string, step: number): Promise<{ metrics: MetricsFile; points: ChartPoint[] }> {
    const points = step === 0 ? [] : await cutBack(path, step);
    return { metrics: new MetricsFile(await open(path, step === 0 ? 'w' : 'a')), points };
  }

  /** Takes the next step. A line that cannot be written waits for the next one. */
  add({ step, loss, eta, decay, norms, ms }: StepEvent): void {
    const values = { step, loss, eta: eta.length === 1 ? eta[0] : eta, decay, norms, ms };
    this.unwritten = Buffer.concat([this.unwritten, Buffer.from(`${JSON.stringify(values)}\n`)]);
    this.write();
  }

  /** Resolves when all lines are on disk. @throws what kept them from it. */
  async settle(): Promise<void> {
    this.write();
    if (this.failure !== undefined) throw this.failure;
    await this.file.datasync();
  }

  /** Closes the file. @returns what kept the last lines from it; undefined when nothing did. */
  async close(): Promise<unknown> {
    this.write();
    await this.file.close();
    return this.failure;
  }

  private write(): void {
    try {
      while (this.unwritten.length > 0)
        this.unwritten = this.unwritten.subarray(writeSync(this.file.fd, this.unwritten));
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    }
  }
}

/** Removes all lines after that of `step`, and a torn one. @returns the points of those that stay. */
async function cutBack(path: string, step: number): Promise<ChartPoint[]> {
  const bytes = await readFile(path).catch(() => new Uint8Array());
  const points: ChartPoint[] = [];
  let end = 0;
  for (let next = bytes.indexOf(0x0a); next >= 0; next = bytes.indexOf(0x0a, end)) {
    const point = pointOf(new TextDecoder().decode(bytes.subarray(end, next)));
    if (point === undefined || point.step > step) break;
    points.push(point);
    end = next + 1;
  }
  if (end < bytes.length) await truncate(path, end);
  return points;
}

function pointOf(line: string): ChartPoint | undefined {
  try {
    const { step, loss, eta } = JSON.parse(line) as { step: unknown; loss: unknown; eta: unknown };
    if (typeof step !== 'number' || typeof loss !== 'number') return undefined;
    return { step, loss, eta: [eta].flat() as number[] };
  } catch {
    return undefined;
  }
}
