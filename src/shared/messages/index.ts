/** @file Tasks and frames. */
export * from './messages.ts';
export { publish, reader, stateBuffer } from './stateBuffer.ts';
