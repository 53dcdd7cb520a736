/** @file The options that say where a NATS server is, and as whom we come. */
import type { Config } from '../config/index.ts';

/** Where and as whom; docs/options.md. */
export type NatsSettings = Pick<
  Config,
  | 'natsUrl'
  | 'natsUser'
  | 'natsPassword'
  | 'natsToken'
  | 'natsCreds'
  | 'natsNkey'
  | 'natsCa'
  | 'natsCert'
  | 'natsKey'
  | 'natsPatience'
  | 'runName'
>;
