/** @file Failures as data: one class, recognised by `code`, that says where, what was expected, what was found and what to do.
 *  Over a MessagePort or a wire a subclass loses its class and fields, so it travels as `ErrorData` and is rebuilt with `fromData`. */

/** Why a run cannot start or go on. `usage` … `output` are the user's to mend (exit code 2); the others end a run that had begun. */
export type ErrorCode =
  | 'usage' // a flag, option or config value
  | 'bad-data' // a data file's content
  | 'no-data' // a data file that is absent and cannot be fetched
  | 'bad-file' // a file of ours (a set, a run) that is damaged or foreign
  | 'output' // the output directory
  | 'non-finite' // a loss or gradient that is not a number
  | 'lost-task' // a task that killed its worker again and again
  | 'closed'; // a transport or run that has ended

/** What was expected, what was found, and what to do about it; `where` names the file, URL, flag or task. */
export interface ErrorDetails {
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
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
    super(oneLine(`${where}: expected ${details.expected}, found ${details.found}; ${details.fix}`), options);
  }

  /** 2 for what its user can mend before a run, 1 for a run that failed. */
  get exitCode(): 1 | 2 {
    return usersToMend.includes(this.code) ? 2 : 1;
  }

  toData(): ErrorData {
    return { code: this.code, where: this.where, ...this.details };
  }

  static fromData({ code, where, expected, found, fix }: ErrorData): DistillError {
    return new DistillError(code, where, { expected, found, fix });
  }
}

/** Text with line breaks and runs of white space folded, cut at `limit` characters: file contents may end up in messages. */
export function oneLine(text: string, limit = 600): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return folded.length > limit ? `${folded.slice(0, limit)}…` : folded;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
