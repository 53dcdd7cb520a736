/** @file The library. */
export type { RunEvent } from './coordinator/events.ts';
export type { AccuracyOver } from './coordinator/judge.ts';
export type { NetworkTrained, PoolTraining } from './coordinator/pretraining.ts';
export { distill, type Run } from './distill.ts';
export { type Distiller, type DistillerOptions, spawnDistiller } from './distiller/spawn.ts';
export { type CompareOptions, type CompareSession, compare, evaluate } from './evaluate.ts';
export type { Comparison, Neighbours, Protocol, Row, RowName, Table } from './evaluation/index.ts';
export { type PretrainSession, pretrain } from './pretrain.ts';
export { type Question, type ReproducedTask, reproduce } from './reproduce.ts';
export type { Result, Summary } from './result.ts';
export type { SessionOptions } from './session.ts';
export {
  type DistilledSet,
  loadDistilled,
  loadNetworks,
  type Networks,
  saveDistilled,
  saveNetworks,
} from './shared/artifacts/index.ts';
export type { Options } from './shared/config/index.ts';
export { DistillError, type ErrorCode } from './shared/errors.ts';
export { name, version } from './version.ts';
export { type WorkOptions, type WorkSession, work } from './work.ts';
