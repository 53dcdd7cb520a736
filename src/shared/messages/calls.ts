/** @file What a worker process is called for: to prepare itself, once, and to answer tasks. Each call takes one frame and gives one. Knows no channel. */
import { decodeFrame, encodeFrame, foreign } from './frame.ts';

/** What a worker process offers. Both answer with a frame of kind 'answer', also where they fail; they throw only what is a fault of the program. */
export interface ProcessCalls {
  /** Takes a frame of `Preparation`. */
  prepare(frame: Uint8Array): Promise<Uint8Array>;
  /** Takes a frame of `Call`. */
  answer(frame: Uint8Array): Promise<Uint8Array>;
}

/** A job's frame, and the directory where what it names lies in files. */
export interface Preparation {
  readonly job: Uint8Array;
  readonly directory: string;
}

/** A task's frame, and the frame of the state it sees, unless this worker has that already. */
export interface Call {
  readonly task: Uint8Array;
  readonly state?: Uint8Array | undefined;
}

export const encodePreparation = ({ job, directory }: Preparation): Uint8Array =>
  encodeFrame('call', { job, directory });

export const encodeCall = ({ task, state }: Call): Uint8Array =>
  encodeFrame('call', { task, ...(state && { state }) });

/** @throws DistillError 'bad-file' when the frame is no preparation. */
export function decodePreparation(bytes: Uint8Array): Preparation {
  const { job, directory } = decodeFrame(bytes, 'call') as Partial<Record<keyof Preparation, unknown>>;
  if (!(job instanceof Uint8Array) || typeof directory !== 'string')
    throw foreign('call', 'no job and directory');
  return { job, directory };
}

/** @throws DistillError 'bad-file' when the frame is no call; the frames in it are not looked at. */
export function decodeCall(bytes: Uint8Array): Call {
  const { task, state } = decodeFrame(bytes, 'call') as Partial<Record<keyof Call, unknown>>;
  if (!(task instanceof Uint8Array) || !(state === undefined || state instanceof Uint8Array))
    throw foreign('call', 'no task, or a state that is none');
  return { task, state };
}
