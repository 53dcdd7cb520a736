/** @file Options and the config of a run. */

export { type Architecture, type Architectures, layersAsData, namedArchitectures } from './architectures.ts';
export { type Change, changesBetween, mayChange, showChange } from './changes.ts';
export { needsProcesses, showEngine } from './engine.ts';
export { type Interval, intervalOf } from './interval.ts';
export { type Job, type Plan, planOf, temperatureOf } from './job.ts';
export { runNamePattern } from './options/nats.ts';
export { networksFor, type Pool, type PoolPart, poolParts } from './pool.ts';
export { type PresetName, presets } from './presets.ts';
export { poolOf, withNetworks } from './pretrained.ts';
export {
  type Config,
  initialisationOf,
  isPath,
  membersOf,
  resolveConfig,
  unknownChoice,
} from './resolve.ts';
export { columnNames } from './schedule.ts';
export {
  groups,
  jsonSchema,
  metaOf,
  type OptionMeta,
  type OptionName,
  Options,
  withoutConnection,
} from './schema.ts';
export { attackOf } from './targets.ts';
