/** @file Listeners on the process that a library brings along. In: what loads it. Weak spot: one that somebody else adds meanwhile goes as well. */

/** Takes the listeners away that `work` hangs on the process: those of the wasm module throw every error again, which would end a host that has listeners of its own. */
export async function withoutListeners<T>(work: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map(event => process.listeners(event as 'uncaughtException'));
  try {
    return await work();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException'))
        if (!before[i]!.includes(listener)) process.off(event, listener);
    });
  }
}
