/** @file What the coordinator's half of NATS needs around its decisions: subjects it listens on, uploads it makes once, news it passes on. Knows no run. */
import type { Msg } from '@nats-io/transport-node';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import type { Blob } from '../../../shared/job/index.ts';
import {
  dropping,
  encodeNote,
  isInbox,
  type Link,
  type Note,
  putObject,
} from '../../../shared/nats/index.ts';
import type { WorkerEvent } from '../../transport.ts';

type Reply = Note | undefined;

/** Subjects, and what is done with what comes there. What is none of ours is counted, told once per subject, and dropped. */
export class Desk {
  constructor(
    private readonly link: Link,
    private readonly tell: (event: WorkerEvent) => void,
  ) {}

  /** `take` gets each message on `subject`; what it gives is the reply. What it throws makes the message one to be dropped, without a reply. */
  on(subject: string, take: (frame: Uint8Array) => Reply | Promise<Reply>): void {
    const drop = dropping(text => this.tell({ kind: 'dropped', message: text }), subject);
    const taken = async (message: Msg): Promise<void> => {
      try {
        const reply = await take(message.data);
        // whoever asks names the subject: it must be none of ours, on which we may write and they may not
        if (reply && isInbox(message.reply)) message.respond(encodeNote(reply));
      } catch (cause) {
        drop(messageOf(cause));
      }
    };
    this.link.connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) void taken(message); // an error is a right that we lack: the link ends of it
      },
    });
  }
}

/** Blobs in the object store, each put there when it is wanted and not there: a server that was restarted has lost them. */
export class Uploads {
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly link: Link,
    private readonly bucket: string,
    private readonly blobs: readonly Blob[],
  ) {}

  /** Resolves when it is there. @throws DistillError 'bad-file' for bytes that are no part of the job. */
  async upload(sha256: string): Promise<void> {
    const blob = this.blobs.find(b => b.sha256 === sha256);
    if (blob === undefined)
      throw new DistillError('bad-file', "message 'want'", {
        expected: 'a part of the job',
        found: sha256,
        fix: 'use the same version everywhere',
      });
    const upload =
      this.underWay.get(sha256) ??
      putObject(this.link, this.bucket, sha256, blob.bytes).finally(() => this.underWay.delete(sha256));
    this.underWay.set(sha256, upload);
    await upload;
  }
}

/** Events for a listener that may come later than they. */
export class News {
  private readonly listeners: ((event: WorkerEvent) => void)[] = [];
  private untold: WorkerEvent[] = [];

  readonly tell = (event: WorkerEvent): void => {
    if (this.listeners.length === 0) this.untold.push(event);
    for (const listener of this.listeners) listener(event);
  };

  listen(listener: (event: WorkerEvent) => void): void {
    this.listeners.push(listener);
    for (const event of this.untold.splice(0)) listener(event);
  }
}
