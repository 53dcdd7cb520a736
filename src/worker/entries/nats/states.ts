/** @file The newest state of a run, as the coordinator publishes it. In: notes. Out: the state of a version, or word that it is past. */
import { messageOf } from '../../../shared/errors.ts';
import { frameLimitBytes } from '../../../shared/messages/index.ts';
import { decodeNote, getObject, type Link, type Names, type Note } from '../../../shared/nats/index.ts';

interface Known {
  readonly version: number;
  readonly step: number;
  readonly state: Uint8Array;
}

/** How long a published state may be on its way before it is asked for. */
const onItsWayMs = 250;

export class States {
  private newest: Known | undefined;
  private coming: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  constructor(
    private readonly link: Link,
    private readonly names: Names,
    private readonly epoch: string,
    private readonly drop: (reason: string) => void,
  ) {}

  /** Takes a note from the subject of states; large ones are fetched, one after the other. */
  take(frame: Uint8Array): void {
    this.coming = this.coming.then(() => this.taken(frame));
  }

  /** The state number `version`; 'past' when there is a newer one; undefined when it did not come. */
  async of(version: number): Promise<Known | 'past' | undefined> {
    if (version === 0) return { version, step: 0, state: new Uint8Array() }; // a task from before the first state needs none
    for (let attempt = 0; attempt < 4; attempt++) {
      if (this.newest !== undefined && this.newest.version >= version)
        return this.newest.version === version ? this.newest : 'past';
      await this.oneMore(attempt === 0 ? onItsWayMs : 4 * onItsWayMs);
      if ((this.newest?.version ?? 0) < version) await this.ask();
    }
    return undefined;
  }

  /** Resolves when another state has come, or after so long. */
  private oneMore(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Asks the server for the one that it keeps. */
  private async ask(): Promise<void> {
    const kept = await this.link.streams.direct
      .getMessage(this.names.kept, { last_by_subj: this.names.state })
      .catch(() => null);
    if (kept === null) return;
    this.take(kept.data);
    await this.coming;
  }

  private async taken(frame: Uint8Array): Promise<void> {
    try {
      const note = decodeNote(frame, 'state');
      if (note.epoch !== this.epoch || note.version <= (this.newest?.version ?? 0)) return;
      const state = note.state ?? (await this.fetched(note));
      if (state === undefined) return; // gone already: a newer one is on its way
      this.newest = { version: note.version, step: note.step, state };
      this.wake();
    } catch (error) {
      this.drop(messageOf(error));
    }
  }

  private async fetched({ object }: Note<'state'>): Promise<Uint8Array | undefined> {
    return object === undefined
      ? undefined
      : getObject(this.link, this.names.bucket, object, frameLimitBytes);
  }
}
