/** @file Tasks, answers, the state; frames. */
export { decodeFrame, encodeFrame, type FrameKind, foreign, frameLimitBytes } from './frame.ts';
export * from './messages.ts';
export { publish, reader, stateBuffer } from './stateBuffer.ts';
export * from './task.ts';
