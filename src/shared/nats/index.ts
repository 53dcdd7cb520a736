/** @file A run on a NATS server, as both sides see it: the connection, the names, the notes. docs/nats.md describes the whole. */

export { absentIn } from './absence.ts';
export { withoutUser } from './addresses.ts';
export { deniedBy, deniedIn } from './admission.ts';
export type { ConnectOptions } from './connect.ts';
export { dropping } from './dropping.ts';
export { type Link, linkTo } from './link.ts';
export { decodeNote, encodeNote, type Note, type NoteType } from './notes.ts';
export { dropObject, getObject, putObject } from './objects.ts';
export type { NatsSettings } from './settings.ts';
export { everyBeat, isInbox, type Names, namesOf, runOf, type Side } from './subjects.ts';
