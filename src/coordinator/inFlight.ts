/** @file Tasks in flight of a transport: taken until it is closed, awaited then. */
import { closedTransport, type Transport } from './transport.ts';

export class InFlight {
  private readonly answers = new Set<Promise<Uint8Array>>();
  private closed = false;

  constructor(private readonly transport: Transport['name']) {}

  /** The answer that `begin` begins. @throws DistillError 'closed' after close; what `begin` throws. */
  async add(begin: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.closed) throw closedTransport(this.transport);
    const answer = begin();
    this.answers.add(answer);
    return answer.finally(() => this.answers.delete(answer));
  }

  /** Takes no more. Resolves when all answers are there, or have failed. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.answers);
  }
}
