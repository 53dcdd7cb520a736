/** @file The output directory of a run: config.json at its start, metrics.jsonl on the way, the set, pictures and result.json at its end. One run at a time has it.
 *  Reads events and results only; whoever drives a run hands them in. */
import { mkdir, mkdtemp, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunEvent, RunStart } from '../coordinator/events.ts';
import type { Result } from '../result.ts';
import {
  distilledNpz,
  type Lock,
  lockDirectory,
  saveDistilled,
  writeFileWhole,
} from '../shared/artifacts/index.ts';
import { DistillError, messageOf } from '../shared/errors.ts';
import { type ChartPoint, lossChart } from './lossChart.ts';
import { MetricsFile } from './metricsFile.ts';
import { countedIn, isUnfinished, removeEmpty, straysIn } from './runFiles.ts';

/** Version of config.json. */
const formatVersion = 1;

/** An output directory that takes the events of one run. */
export class RunDirectory {
  private points: ChartPoint[] = [];
  private metrics: MetricsFile | undefined;
  private lastStep = 0;
  private begun = false;
  private failure: unknown;
  private waiting: (() => void)[] = [];

  /** `made`: the first of the directories that were made for it; undefined when there was nothing to make, or the run has started. `lost`: aborts when another takes it. */
  private constructor(
    readonly path: string,
    private made: string | undefined,
    private readonly lock: Lock,
    readonly lost: AbortSignal,
  ) {}

  /** Makes the directory where there is none, and takes it. @throws DistillError 'output' when another run has it, or it cannot be written. */
  static open(path: string): Promise<RunDirectory> {
    return RunDirectory.taken(path, async () => {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && !found.isDirectory())
        throw refused(path, 'a directory', 'a file', 'choose another --out');
      return { path, made: await mkdir(path, { recursive: true }) };
    });
  }

  /** Makes and takes a directory that was not there: `path`, or where another run has that name, the first free one of `path`-2, `path`-3, …
   *  @throws DistillError 'output' when it cannot be written. */
  static openNew(path: string): Promise<RunDirectory> {
    return RunDirectory.taken(path, async () => {
      const parents = await mkdir(dirname(path), { recursive: true });
      for (let n = 1; ; n++) {
        const name = n === 1 ? path : `${path}-${n}`;
        try {
          await mkdir(name);
          return { path: name, made: parents ?? name };
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
      }
    });
  }

  /** The directory that `make` makes: looked at, and locked. `asked`: for messages. */
  private static async taken(
    asked: string,
    make: () => Promise<{ path: string; made: string | undefined }>,
  ): Promise<RunDirectory> {
    try {
      const { path, made } = await make();
      await rmdir(await mkdtemp(join(path, '.writable-'))); // known now, not after the run
      const lost = new AbortController();
      const lock = await lockDirectory(path, error => lost.abort(error));
      for (const stray of straysIn(await readdir(path)))
        await rm(join(path, stray), { recursive: true, force: true });
      return new RunDirectory(path, made, lock, lost.signal);
    } catch (error) {
      if (error instanceof DistillError) throw error;
      throw refused(asked, 'a directory that can be written', messageOf(error), 'choose another --out');
    }
  }

  /** @throws DistillError 'output' when there are files in it; `unless` they are what is left of a run that was killed before its result. */
  async assertEmpty(unless?: 'unfinished'): Promise<void> {
    const names = await readdir(this.path);
    const files = countedIn(names);
    if (files.length > 0 && !(unless === 'unfinished' && isUnfinished(names)))
      throw refused(
        this.path,
        'an empty or new directory',
        `${files.length} files in it`,
        'choose another --out, or --force to write over them',
      );
  }

  /** Whether the run has begun: its config is known. */
  get started(): boolean {
    return this.begun;
  }

  /** Takes the next event. Cheap for all but the first: config.json is written when the run starts. */
  async take(event: RunEvent): Promise<void> {
    if (this.lost.aborted) return this.wake(); // what is there is another's
    try {
      if (event.type === 'start') await this.begin(event);
    } catch (error) {
      this.failure = error;
      this.wake();
      throw error;
    }
    if (event.type === 'validation') this.validated(event.step, event.accuracy.mean);
    if (event.type !== 'step') return;
    const { step, loss, eta } = event;
    this.metrics?.add(event);
    this.points.push({ step, loss, eta });
    this.lastStep = step;
    this.wake();
  }

  /** Resolves when the events up to that of `step` were taken and are on disk. @throws what keeps them from it. */
  async recorded(step: number): Promise<void> {
    while (this.lastStep < step && this.failure === undefined && !this.lost.aborted)
      await new Promise<void>(resolve => this.waiting.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    this.lock.assertHeld();
    await this.metrics?.settle();
  }

  /** Writes distilled.safetensors, distilled.npz, images.png, loss.svg and result.json, each whole, result.json last.
   *  @throws DistillError 'output', also when all of that could be written and metrics.jsonl could not. */
  async finish({ set, summary }: Result): Promise<void> {
    this.lock.assertHeld();
    const { metrics } = this;
    const title = `${set.models} on ${set.dataset}`;
    await saveDistilled(join(this.path, 'distilled.safetensors'), set);
    await writeFileWhole(join(this.path, 'distilled.npz'), distilledNpz(set));
    const { imageSheet } = await import('./sheet.ts'); // late: nothing needs it before the end
    await writeFileWhole(join(this.path, 'images.png'), imageSheet(set));
    await writeFileWhole(join(this.path, 'loss.svg'), await lossChart({ points: this.points, title }));
    await writeFileWhole(join(this.path, 'result.json'), `${JSON.stringify(summary, null, 2)}\n`);
    this.metrics = undefined;
    const failure = await metrics?.close();
    if (failure !== undefined)
      throw refused(
        this.path,
        'room and permission to write metrics.jsonl',
        messageOf(failure),
        'free the disk or choose another --out',
      );
  }

  /** Closes what is open and gives the directory back; for a run that failed, too. A run that did not even start leaves nothing behind. */
  async end(): Promise<void> {
    await this.metrics?.close().catch(() => undefined); // a run that failed has something else to tell
    this.metrics = undefined;
    await this.lock.release();
    if (this.made !== undefined) await removeEmpty(this.path, this.made);
  }

  private async begin({ config, data, versions, machine, resumed }: RunStart): Promise<void> {
    this.made = undefined;
    if (resumed === undefined) {
      await rm(join(this.path, 'result.json'), { force: true }); // another run's
      const record = { format: 'distill-cluster run', formatVersion, config, data, versions, machine };
      await writeFileWhole(join(this.path, 'config.json'), `${JSON.stringify(record, null, 2)}\n`);
    }
    this.lastStep = resumed?.step ?? 0;
    const opened = await MetricsFile.open(join(this.path, 'metrics.jsonl'), this.lastStep);
    [this.metrics, this.points] = [opened.metrics, opened.points];
    this.begun = true;
    for (const { step, accuracy } of resumed?.validations ?? []) this.validated(step, accuracy);
  }

  private validated(step: number, accuracy: number): void {
    const at = this.points.findLastIndex(point => point.step === step);
    if (at >= 0) this.points[at] = { ...this.points[at]!, accuracy };
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const refused = (where: string, expected: string, found: string, fix: string): DistillError =>
  new DistillError('output', where, { expected, found, fix });
