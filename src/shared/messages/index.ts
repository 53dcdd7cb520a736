/** @file Tasks, answers, the state, calls; frames. What needs comlink, ipc.ts, is imported by itself. */
export * from './calls.ts';
export { decodeFrame, encodeFrame, type FrameKind, foreign, frameLimitBytes } from './frame.ts';
export * from './messages.ts';
export { publish, reader, stateBuffer } from './stateBuffer.ts';
export * from './task.ts';
