/** @file What coordinator and workers write to each other over NATS, one frame each. In: a note. Out: bytes, and back, checked: every field's type and range. Tasks, answers and
 *  the state travel inside as the frames they are on every transport. */
import { z } from 'zod';
import { decodeFrame, encodeFrame, foreign } from '../messages/index.ts';

const text = z.string().max(400);
const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array);
/** Of a claim to lead: everything that belongs to one coordinator's reign carries it. */
const epoch = text;
const worker = text;

const Notes = {
  /** I lead this run, since `epoch`. */
  beat: z.strictObject({ type: z.literal('beat'), epoch, program: text }),
  /** The run is over. */
  end: z.strictObject({ type: z.literal('end'), epoch }),
  /** Who leads. */
  leader: z.strictObject({ type: z.literal('leader'), epoch, host: text, pid: count }),
  /** May I take part? */
  join: z.strictObject({ type: z.literal('join'), worker, host: text, pid: count, program: text, cpu: text }),
  /** You may: this is the job. */
  welcome: z.strictObject({ type: z.literal('welcome'), epoch, job: bytes }),
  refused: z.strictObject({ type: z.literal('refused'), reason: text }),
  /** I work for you with so many threads; sent again and again. */
  pulse: z.strictObject({
    type: z.literal('pulse'),
    epoch,
    worker,
    host: text,
    threads: z.int().min(1).max(4096),
  }),
  leave: z.strictObject({ type: z.literal('leave'), epoch, worker }),
  /** I do not have the bytes of this sha256; they are in the object store under that name. */
  want: z.strictObject({ type: z.literal('want'), worker, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  have: z.strictObject({ type: z.literal('have') }),
  /** The state number `version` of this epoch: here, or in the object store. */
  state: z
    .strictObject({
      type: z.literal('state'),
      epoch,
      version: count,
      step: count,
      state: bytes.optional(),
      object: text.optional(),
    })
    .refine(({ state, object }) => (state === undefined) !== (object === undefined)),
  /** Question `call`, about the state number `version`. */
  task: z.strictObject({ type: z.literal('task'), epoch, version: count, call: count, task: bytes }),
  /** Part of the answer to question `call`. */
  result: z.strictObject({
    type: z.literal('result'),
    epoch,
    worker,
    call: count,
    part: count,
    parts: z.int().min(1).max(4096),
    bytes,
  }),
  /** Question `call` was given out so often, and never answered. */
  lost: z.strictObject({ type: z.literal('lost'), epoch, worker, call: count, deliveries: count }),
  /** I do not answer question `call`: ask somebody else. */
  returned: z.strictObject({ type: z.literal('returned'), epoch, worker, call: count }),
  taken: z.strictObject({ type: z.literal('taken') }),
} as const;

export type NoteType = keyof typeof Notes;
export type Note<T extends NoteType = NoteType> = z.infer<(typeof Notes)[T]>;

export const encodeNote = (note: Note): Uint8Array => encodeFrame('note', note);

/** A note of one of `types`. @throws DistillError 'bad-file' for anything else. */
export function decodeNote<T extends NoteType>(frame: Uint8Array, ...types: readonly T[]): Note<T> {
  const value = decodeFrame(frame, 'note') as { type?: unknown };
  const type = types.find(t => t === value.type);
  if (type === undefined)
    throw foreign(types.join(' or '), typeof value.type === 'string' ? value.type.slice(0, 20) : 'no type');
  const { data, error } = Notes[type].safeParse(value);
  if (error) throw foreign(type, `${error.issues[0]!.path.join('.') || 'value'}: another one`);
  return data as Note<T>;
}
