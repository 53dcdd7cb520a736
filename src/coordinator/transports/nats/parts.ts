/** @file An answer that arrives in parts, of one question. In: parts, by worker, for two may be sending at the same time. Out: the whole, once it is there. What is kept for it is
 *  bounded, whoever sends. */
import { DistillError } from '../../../shared/errors.ts';
import type { Note } from '../../../shared/nats/index.ts';

/** A whole answer from each of so many workers may be on its way at the same time. */
const senders = 3;
/** What a part takes beside its bytes. */
const partBytes = 100;

interface Sender {
  readonly parts: number;
  readonly got: Map<number, Uint8Array>;
  bytes: number;
}

export class Parts {
  private readonly by = new Map<string, Sender>();

  /** @param answerBytes   of a whole answer, at most */
  constructor(private readonly answerBytes: number) {}

  /** Adds a part. @returns the whole answer, when that was its last part. @throws DistillError 'bad-file' for a part beyond their number, or beyond what an answer may have. */
  add({ worker, part, parts, bytes }: Note<'result'>): Uint8Array | undefined {
    if (part >= parts) throw badPart(`a part below ${parts}`, String(part));
    if (parts === 1) return this.within(bytes.length) && bytes;
    const known = this.by.get(worker);
    const sender = known?.parts === parts ? known : { parts, got: new Map<number, Uint8Array>(), bytes: 0 };
    const before = sender.got.get(part);
    const whole = sender.bytes + bytes.length - (before?.length ?? 0);
    this.within(whole);
    this.by.delete(worker); // the one that was heard last comes last
    sender.got.set(part, bytes);
    sender.bytes = whole;
    this.makeRoom(sender);
    if (sender.got.size < parts) {
      this.by.set(worker, sender);
      return undefined;
    }
    return Buffer.concat(Array.from({ length: parts }, (_, i) => sender.got.get(i)!));
  }

  private within(bytes: number): true {
    if (bytes > this.answerBytes) throw badPart(`at most ${this.answerBytes} bytes`, `${bytes} or more`);
    return true;
  }

  /** Forgets what came from those who were silent longest: they send it again, for nobody confirms it. */
  private makeRoom(newest: Sender): void {
    let room = senders * this.answerBytes - costOf(newest);
    for (const sender of this.by.values()) room -= costOf(sender);
    for (const [worker, sender] of this.by) {
      if (room >= 0) return;
      room += costOf(sender);
      this.by.delete(worker);
    }
  }
}

const costOf = ({ got, bytes }: Sender): number => bytes + partBytes * got.size;

const badPart = (expected: string, found: string): DistillError =>
  new DistillError('bad-file', "message 'result'", {
    expected,
    found,
    fix: 'use the same version everywhere',
  });
