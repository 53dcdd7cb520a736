/** @file Options and the config of a run. */

export { type Job, type Plan, planOf } from './job.ts';
export { type PresetName, presets } from './presets.ts';
export {
  type Config,
  initialisationOf,
  membersOf,
  resolveConfig,
  stepsOf,
  temperatureOf,
  unknownChoice,
} from './resolve.ts';
export { groups, jsonSchema, type OptionMeta, type OptionName, Options } from './schema.ts';
