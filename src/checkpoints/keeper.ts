/** @file When a run's snapshots become files: at intervals, and at every end. In: snapshots as the run comes along. Out: files, and notices where they cannot be written.
 *  Knows time and order; the files are `folder`'s. */
import type { Keep, Snapshot } from '../coordinator/snapshot.ts';
import { type Interval, intervalOf } from '../shared/config/index.ts';
import { messageOf } from '../shared/errors.ts';
import type { Origin } from './checkpoint.ts';
import { writeTo } from './folder.ts';

export interface KeeperOptions {
  readonly directory: string;
  readonly origin: Origin;
  /** The snapshot that the run goes on from: it has its file. */
  readonly from?: Snapshot | undefined;
  /** Throws when the directory is another's by now: the run ends then. */
  readonly assertHeld: () => void;
  /** Awaited before a checkpoint is written, with its step. */
  readonly before?: ((step: number) => Promise<void>) | undefined;
  readonly notice: (message: string) => void;
}

/** Keeps the latest snapshot of a run, in memory always, in its directory when it is due. A write that fails ends nothing: the checkpoint before it stays, the run goes on,
 *  and its user is told, once until it works again. */
export class Keeper {
  private latest: Snapshot | undefined;
  private written: Snapshot | undefined;
  private tried: { readonly step: number; readonly at: number };
  private failed = false;
  private writing: Promise<void> = Promise.resolve();
  private readonly interval: Interval | undefined;

  constructor(private readonly options: KeeperOptions) {
    const { from, origin } = options;
    this.latest = this.written = from;
    this.tried = { step: from?.state.step ?? 0, at: performance.now() };
    this.interval = intervalOf(origin.config.checkpointEvery);
  }

  readonly keep: Keep = async (snapshot, over) => {
    this.options.assertHeld();
    this.latest = snapshot;
    if (over || this.due(snapshot.state.step)) await this.flush();
  };

  /** Writes the latest snapshot, unless it is written or none are. Rejects never. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private due(step: number): boolean {
    if (this.interval === undefined) return false;
    const { steps, seconds } = this.interval;
    return step - this.tried.step >= steps || performance.now() - this.tried.at >= 1000 * seconds;
  }

  private async write(): Promise<void> {
    const { latest: snapshot, interval } = this;
    if (snapshot === undefined || snapshot === this.written || interval === undefined) return;
    const { directory, origin, assertHeld, before, notice } = this.options;
    const { step } = snapshot.state;
    try {
      await before?.(step);
      assertHeld();
      await writeTo(directory, { snapshot, origin });
      if (this.failed) notice(`checkpoints are written again, that of step ${step} is`);
      [this.written, this.failed] = [snapshot, false];
    } catch (error) {
      const last = this.written ? `that of step ${this.written.state.step} stays` : 'there is none yet';
      if (!this.failed)
        notice(
          `THE CHECKPOINT OF STEP ${step} COULD NOT BE WRITTEN (${messageOf(error)}); ${last}, the run goes on`,
        );
      this.failed = true;
    }
    this.tried = { step, at: performance.now() };
  }
}
