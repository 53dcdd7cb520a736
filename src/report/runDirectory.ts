/** @file The output directory of a run: config.json at its start, metrics.jsonl on the way, the set, pictures and result.json at its end.
 *  Reads events and results only; whoever drives a run hands them in. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RunEvent, RunStart } from '../coordinator/events.ts';
import type { Result } from '../result.ts';
import { distilledNpz, saveDistilled, writeFileWhole } from '../shared/artifacts/index.ts';
import { DistillError, messageOf } from '../shared/errors.ts';
import { type ChartPoint, lossChart } from './lossChart.ts';
import { imageSheet } from './sheet.ts';

/** Version of config.json. */
const formatVersion = 1;

/** An output directory that takes the events of one run. */
export class RunDirectory {
  private readonly points: ChartPoint[] = [];
  private metrics: WriteStream | undefined;
  private failure: unknown;

  /** `made`: the first of the directories that were made for it; undefined when there was nothing to make, or the run has started. */
  private constructor(
    readonly path: string,
    private made: string | undefined,
  ) {}

  /** Makes the directory. @throws DistillError 'output' when it exists with files in it and `force` is not set, or cannot be written. */
  static async open(path: string, { force }: { readonly force: boolean }): Promise<RunDirectory> {
    try {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && !found.isDirectory())
        throw refused(path, 'a directory', 'a file', 'choose another --out');
      const files = found === undefined ? [] : await readdir(path);
      if (files.length > 0 && !force)
        throw refused(
          path,
          'an empty or new directory',
          `${files.length} files in it`,
          'choose another --out, or --force to write over them',
        );
      const made = await mkdir(path, { recursive: true });
      await rmdir(await mkdtemp(join(path, '.writable-'))); // known now, not after the run
      return new RunDirectory(path, made);
    } catch (error) {
      if (error instanceof DistillError) throw error;
      throw refused(path, 'a directory that can be written', messageOf(error), 'choose another --out');
    }
  }

  /** Takes the next event. Cheap for all but the first: config.json is written when the run starts. */
  async take(event: RunEvent): Promise<void> {
    if (event.type === 'start') await this.begin(event);
    if (event.type === 'step') {
      const { type: _, step, loss, eta, decay, norms, ms } = event;
      this.metrics?.write(
        `${JSON.stringify({ step, loss, eta: eta.length === 1 ? eta[0] : eta, decay, norms, ms })}\n`,
      );
      this.points.push({ step, loss, eta });
    }
    if (event.type === 'validation') {
      const last = this.points.at(-1);
      if (last?.step === event.step)
        this.points[this.points.length - 1] = { ...last, accuracy: event.accuracy.mean };
    }
  }

  /** Writes distilled.safetensors, distilled.npz, images.png, loss.svg and result.json, each whole, result.json last. @throws DistillError 'output'. */
  async finish({ set, summary }: Result): Promise<void> {
    await this.end();
    const title = `${set.models} on ${set.dataset}`;
    await saveDistilled(join(this.path, 'distilled.safetensors'), set);
    await writeFileWhole(join(this.path, 'distilled.npz'), distilledNpz(set));
    await writeFileWhole(join(this.path, 'images.png'), imageSheet(set));
    await writeFileWhole(join(this.path, 'loss.svg'), await lossChart({ points: this.points, title }));
    await writeFileWhole(join(this.path, 'result.json'), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Closes metrics.jsonl; for a run that failed, too. A run that did not even start leaves nothing behind. */
  async end(): Promise<void> {
    if (this.made !== undefined) await removeEmpty(this.path, this.made);
    const { metrics } = this;
    this.metrics = undefined;
    if (metrics !== undefined) await new Promise<void>(resolve => metrics.end(resolve));
    if (this.failure !== undefined)
      throw refused(
        this.path,
        'room and permission to write metrics.jsonl',
        messageOf(this.failure),
        'free the disk or choose another --out',
      );
  }

  private async begin({ config, data, versions, machine }: RunStart): Promise<void> {
    this.made = undefined;
    const record = { format: 'distill-cluster run', formatVersion, config, data, versions, machine };
    await writeFileWhole(join(this.path, 'config.json'), `${JSON.stringify(record, null, 2)}\n`);
    this.metrics = createWriteStream(join(this.path, 'metrics.jsonl'));
    this.metrics.on('error', error => {
      this.failure = error;
    });
  }
}

/** Removes directory `path` and those above it, up to `first`, as long as they are empty. */
async function removeEmpty(path: string, first: string): Promise<void> {
  const end = dirname(resolve(first));
  for (let at = resolve(path); at !== end; at = dirname(at)) await rmdir(at).catch(() => undefined);
}

const refused = (where: string, expected: string, found: string, fix: string): DistillError =>
  new DistillError('output', where, { expected, found, fix });
