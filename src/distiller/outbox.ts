/** @file Values on their way to someone slower. In order and in batches: what comes while a batch is under way goes with the next one. Knows neither values nor way. */

/** Sends values with `send`, one batch at a time. A batch that fails is lost, and nobody is told: what is sent here is for watching. */
export class Outbox<T> {
  private waiting: T[] = [];
  private under: Promise<void> | undefined;

  constructor(private readonly send: (batch: readonly T[]) => Promise<void>) {}

  put(value: T): void {
    this.waiting.push(value);
    this.under ??= this.flow();
  }

  /** Settles when all that was put in has been taken. */
  async empty(): Promise<void> {
    await this.under;
  }

  private async flow(): Promise<void> {
    await undefined; // what is put in at the same moment goes together
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      await this.send(batch).catch(() => undefined);
    }
    this.under = undefined;
  }
}
