/** @file The names of a run on a NATS server: subjects, streams, bucket. All of them carry the run's name, so that runs do not mix and permissions can be given run by run
 *  (docs/nats.md). */

export interface Names {
  /** Coordinator → everybody: here I am; the run is over. */
  readonly beat: string;
  /** Coordinator → everybody, kept by a stream: the newest state. */
  readonly state: string;
  /** Coordinator → one worker, kept by a stream: a task. */
  readonly task: string;
  /** Worker → coordinator, with a reply. */
  readonly join: string;
  readonly want: string;
  readonly result: string;
  /** Worker → coordinator. */
  readonly pulse: string;
  /** Coordinator → coordinator, with a reply: who leads. */
  readonly lead: string;
  /** Kept by a stream: who leads. */
  readonly claim: string;
  /** Streams: tasks, a work queue; state and claim, the last message of each. */
  readonly tasks: string;
  readonly kept: string;
  /** The durable consumer that all workers share. */
  readonly consumer: string;
  /** Object store: what is too large for a message. */
  readonly bucket: string;
}

const prefix = 'distill';

/** The names of run `run`, which matches `runNamePattern`. */
export function namesOf(run: string): Names {
  const subject = (what: string): string => `${prefix}.${run}.${what}`;
  return {
    beat: subject('beat'),
    state: subject('state'),
    task: subject('task'),
    join: subject('join'),
    want: subject('want'),
    result: subject('result'),
    pulse: subject('pulse'),
    lead: subject('lead'),
    claim: subject('claim'),
    tasks: `${prefix}-${run}-tasks`,
    kept: `${prefix}-${run}-kept`,
    consumer: 'workers',
    bucket: `${prefix}-${run}`,
  };
}

/** Beats of all runs. */
export const everyBeat = `${prefix}.*.beat`;

/** The run that a beat's subject names. */
export const runOf = (subject: string): string => subject.split('.')[1] ?? '';

/** The two sides of a run; each has inboxes and, where the server knows users, rights of its own. */
export type Side = 'coordinator' | 'worker';

const inbox = '_INBOX';

/** Prefix of the inboxes of one side of run `run`, or of a worker for any run. */
export const inboxesOf = (side: Side, run?: string): string =>
  run === undefined ? inbox : `${inbox}.${run}.${side}`;

/** Whether a reply may be sent there: whoever asks names the subject, and could name one of the run's own, to which only we may write. */
export const isInbox = (subject: string | undefined): boolean => subject?.startsWith(`${inbox}.`) ?? false;
