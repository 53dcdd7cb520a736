/** @file Notes between coordinator and workers: each arrives as it was sent, and whatever is no note is refused in one line. */
import { expect, test } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import { encodeFrame } from '../../../src/shared/messages/index.ts';
import { decodeNote, encodeNote, type Note, type NoteType } from '../../../src/shared/nats/index.ts';

const bytes = Uint8Array.of(1, 2, 3);
const [epoch, worker, host] = ['an-epoch', 'a-worker', 'a-host'];

/** One of each; total, so a new type does not compile without. */
const notes: { readonly [T in NoteType]: Note<T> } = {
  beat: { type: 'beat', epoch, program: 'p 1' },
  end: { type: 'end', epoch },
  leader: { type: 'leader', epoch, host, pid: 7 },
  join: { type: 'join', worker, host, pid: 7, program: 'p 1', cpu: 'c' },
  welcome: { type: 'welcome', epoch, job: bytes },
  refused: { type: 'refused', reason: 'because' },
  pulse: { type: 'pulse', epoch, worker, host, threads: 4 },
  leave: { type: 'leave', epoch, worker },
  want: { type: 'want', worker, sha256: 'a'.repeat(64) },
  have: { type: 'have' },
  state: { type: 'state', epoch, version: 3, step: 2, state: bytes },
  task: { type: 'task', epoch, version: 3, call: 9, task: bytes },
  result: { type: 'result', epoch, worker, call: 9, part: 0, parts: 2, bytes },
  lost: { type: 'lost', epoch, worker, call: 9, deliveries: 4 },
  returned: { type: 'returned', epoch, worker, call: 9 },
  taken: { type: 'taken' },
};
const all = Object.values(notes);

test.each(all.map(note => [note.type, note] as const))('%s arrives as it was sent', (type, note) => {
  expect(decodeNote(encodeNote(note), type)).toEqual(note);
});

const wrong: Readonly<Record<string, unknown>> = {
  string: 5,
  number: -1,
  object: 'no bytes',
};

test.each(all.map(note => [note.type, note] as const))(
  '%s with any field missing, wrong, or one too many is refused',
  (type, note) => {
    const broken = Object.keys(note).flatMap(name => {
      const { [name as 'type']: value, ...rest } = note;
      return [rest, { ...note, [name]: wrong[typeof value] }, { ...note, [name]: null }];
    });
    for (const value of [...broken, { ...note, more: 1 }]) refused(encodeFrame('note', value), type);
  },
);

const limits: readonly object[] = [
  { ...notes.pulse, threads: 0 },
  { ...notes.pulse, threads: 4097 },
  { ...notes.result, parts: 0 },
  { ...notes.result, parts: 4097 },
  { ...notes.result, part: 0.5 },
  { ...notes.task, call: 2 ** 40 },
  { ...notes.want, sha256: '../../etc/passwd' },
  { ...notes.join, host: 'h'.repeat(401) },
];

test.each(limits)('%j is beyond what a note may hold', value => {
  refused(encodeFrame('note', value), (value as { type: NoteType }).type);
});

test('other types, other frames, damaged bytes and nothing are refused', () => {
  const frame = encodeNote(notes.task);
  for (const { type } of all) if (type !== 'task') refused(frame, type);
  for (const kind of ['state', 'answer', 'task', 'job', 'call'] as const)
    refused(encodeFrame(kind, notes.task), 'task');
  for (let at = 0; at < frame.length; at++) {
    refused(frame.subarray(0, at), 'task');
    refused(
      Uint8Array.from(frame, (byte, i) => (i === at ? byte ^ 1 : byte)),
      'task',
    );
  }
  refused(encodeFrame('note', [1, 2]), 'task');
});

function refused(frame: Uint8Array, type: NoteType): void {
  let found: unknown;
  try {
    found = decodeNote(frame, type);
  } catch (error) {
    expect(error).toBeInstanceOf(DistillError);
    const { code, message } = error as DistillError;
    expect([code, message.includes('\n'), message.length < 300]).toEqual(['bad-file', false, true]);
    return;
  }
  expect(found).toBe('refused');
}
