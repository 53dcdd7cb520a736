/** @file Failures as data: one class, recognised by `code`, that says where, what was expected, what was found and what to do.
 *  Over a MessagePort or a wire a subclass loses its class and fields, so it travels as `ErrorData` and is rebuilt with `fromData`. */

/** Why a run cannot start or go on. `usage` … `output` are the user's to mend (exit code 2); the others end a run that had begun. */
export const errorCodes = [
  'usage', // a flag, option or config value
  'bad-data', // a data file's content
  'no-data', // a data file that is absent and cannot be fetched
  'bad-file', // a file of ours (a set, a run) or a message that is damaged or foreign
  'output', // the output directory
  'non-finite', // a loss or gradient that is not a number
  'lost-task', // a task that killed its worker again and again
  'unreachable', // a server that is not there, or went away and did not come back
  'closed', // a transport or run that has ended
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** What was expected, what was found, and what to do about it; `where` names the file, URL, flag or task. */
export interface ErrorDetails {
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
  /** The task that failed: the message tells how to compute it alone. */
  readonly task?: FailedTask;
}

/** Ensemble member `member` at outer step `step`; `run`: the run's directory or config file, where it is known. */
export interface FailedTask {
  readonly step: number;
  readonly member: number;
  readonly seed: number;
  readonly run?: string;
}

/** A `DistillError` as plain data. */
export interface ErrorData extends ErrorDetails {
  readonly code: ErrorCode;
  readonly where: string;
}

const usersToMend: readonly ErrorCode[] = ['usage', 'bad-data', 'no-data', 'bad-file', 'output'];

/** The one error class of the project. Its message is always one line: `where: expected …, found …; fix`. */
export class DistillError extends Error {
  override readonly name = 'DistillError';

  constructor(
    readonly code: ErrorCode,
    readonly where: string,
    readonly details: ErrorDetails,
    options?: { cause?: unknown },
  ) {
    const { expected, found, fix, task } = details;
    const alone = task === undefined ? '' : `; compute it alone with: ${reproduceCommand(task)}`;
    super(oneLine(`${where}: expected ${expected}, found ${found}; ${fix}${alone}`), options);
  }

  /** 2 for what its user can mend before a run, 3 for a server that is away, 1 for a run that failed. */
  get exitCode(): 1 | 2 | 3 {
    if (this.code === 'unreachable') return 3;
    return usersToMend.includes(this.code) ? 2 : 1;
  }

  /** The same, where it names a task also with the run's directory. */
  inRun(run: string): DistillError {
    const { task } = this.details;
    if (task === undefined) return this;
    const details = { ...this.details, task: { ...task, run } };
    return new DistillError(this.code, this.where, details, { cause: this.cause });
  }

  toData(): ErrorData {
    return { code: this.code, where: this.where, ...this.details };
  }

  static fromData({ code, where, expected, found, fix, task }: ErrorData): DistillError {
    return new DistillError(code, where, { expected, found, fix, ...(task && { task }) });
  }
}

const reproduceCommand = ({ step, member, seed, run }: FailedTask): string =>
  `distill-cluster reproduce ${run === undefined ? `--seed ${seed}` : `--config ${run}`} --step ${step} --member ${member}`;

/** Text with line breaks and runs of white space folded, cut at `limit` characters: file contents may end up in messages. */
export function oneLine(text: string, limit = 600): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return folded.length > limit ? `${folded.slice(0, limit)}…` : folded;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
