/** @file Checkpoints: files from which a run goes on after its coordinator was killed at any moment, to the same bytes as if it had not been. */
export { type Checkpoint, type Maker, type Origin, originOf } from './checkpoint.ts';
export { decodeCheckpoint, encodeCheckpoint } from './file.ts';
export { type Found, newestIn, removeFrom, stepsIn, writeTo } from './folder.ts';
export { Keeper } from './keeper.ts';
export { type KeptRun, noCheckpoint, openCheckpoints, type Resume } from './open.ts';
export { isStateOf, safeChanges } from './resuming.ts';
