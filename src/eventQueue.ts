/** @file Events from a run to the one who iterates it. The run is never held up; without an iterator nothing is kept. */

/** A queue with one reader. */
export class EventQueue<T> {
  private waiting: T[] = [];
  private wake: () => void = () => undefined;
  private read = false;
  private ended = false;

  push(event: T): void {
    if (!this.read) return;
    this.waiting.push(event);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  /** All events from now on, until the end. @throws Error when it was called before: an event goes to one reader. */
  iterate(): AsyncGenerator<T, void, undefined> {
    if (this.read) throw new Error('a run has one iterator; share its events from there');
    this.read = true;
    return this.events();
  }

  private async *events(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const events = this.waiting;
      this.waiting = [];
      yield* events;
      if (this.waiting.length > 0) continue;
      if (this.ended) return;
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }
}
