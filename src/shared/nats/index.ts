/** @file A run on a NATS server, as both sides see it: the connection, the names, the notes. docs/nats.md describes the whole. */
export { type ConnectOptions, type NatsSettings, withoutUser } from './connect.ts';
export { dropObject, getObject, type Link, linkTo, putObject } from './link.ts';
export { decodeNote, encodeNote, type Note, type NoteType } from './notes.ts';
export { everyBeat, type Names, namesOf, runOf } from './subjects.ts';
