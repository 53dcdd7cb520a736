/** @file Signals as an AbortSignal: the first one asks the work to end, a second one ends the process at once. Nothing here exits while a thread computes:
 *  the runtime would abort (docs/decisions/0005). */

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Name = keyof typeof exitCodes;

export interface Interruptions {
  readonly signal: AbortSignal;
  /** 130, 143 or 129 after a signal; undefined without one. */
  exitCode(): number | undefined;
  /** Ends the work as a signal would, without a signal's exit code: for a reader that has gone away. */
  stop(): void;
}

/** Listens until the process ends, so that a signal that comes when all is written changes nothing; listening keeps no process alive. */
export function interruptions(): Interruptions {
  const controller = new AbortController();
  let code: number | undefined;
  for (const name of Object.keys(exitCodes) as Name[])
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name); // ours, and that of proper-lockfile, which would take the signal once more
        process.kill(process.pid, name); // its default action: at once, with the status of the signal
        return;
      }
      code = exitCodes[name];
      controller.abort();
    });
  return { signal: controller.signal, exitCode: () => code, stop: () => controller.abort() };
}
