/** @file The newest state on the server: in a message where it fits, else in the object store. In: states. Out: one note per state, kept there for workers that join later. */
import { dropObject, encodeNote, type Link, type Names, putObject } from '../../../shared/nats/index.ts';

export class StateKeeper {
  /** Number of the newest state; 0 before the first. */
  version = 0;
  private newest: { readonly step: number; readonly state: Uint8Array } | undefined;
  private objects: string[] = [];

  constructor(
    private readonly link: Link,
    private readonly names: Names,
    private readonly epoch: string,
  ) {}

  /** Publishes a new state. Messages of a connection keep their order, so no task about it overtakes it. `failed` is called when the server did not keep it. */
  async publish(step: number, state: Uint8Array, failed: () => void): Promise<void> {
    this.version++;
    this.newest = { step, state };
    const published = this.put();
    if (state.length > this.link.messageBytes) await published.catch(failed);
    else published.catch(failed); // the tasks follow at once
  }

  /** Publishes the newest state once more. */
  async again(): Promise<void> {
    if (this.newest === undefined) return;
    this.objects = []; // lost with the rest, or about to be written again
    await this.put();
  }

  private async put(): Promise<void> {
    await this.link.messages.publish(this.names.state, await this.note());
  }

  private async note(): Promise<Uint8Array> {
    const { step, state } = this.newest!;
    const { epoch, version } = this;
    if (state.length <= this.link.messageBytes)
      return encodeNote({ type: 'state', epoch, version, step, state });
    const object = `state-${epoch}-${version}`;
    await putObject(this.link, this.names.bucket, object, state);
    this.objects.push(object);
    // the one before may still be read by a worker that is late
    if (this.objects.length > 2) await dropObject(this.link, this.names.bucket, this.objects.shift()!);
    return encodeNote({ type: 'state', epoch, version, step, object });
  }
}
